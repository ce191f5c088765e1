; A program in Clojure: persistent collections, lazy sequences, multimethods, protocols, macros, transducers, atoms, strings.
(ns script
  (:require [clojure.set :as set] [clojure.string :as string] [clojure.walk :as walk]))

(defn primes [limit]
  (let [composite (boolean-array (inc limit))]
    (loop [i 2 found []]
      (cond
        (> i limit) found
        (aget composite i) (recur (inc i) found)
        :else (do (loop [j (* i i)] (when (<= j limit) (aset composite j true) (recur (+ j i))))
                  (recur (inc i) (conj found i)))))))

(defprotocol Shape (area [this]) (grow [this factor]))
(defrecord Square [side] Shape (area [_] (* side side)) (grow [_ factor] (->Square (* side factor))))
(defrecord Box [w h] Shape (area [_] (* w h)) (grow [_ factor] (->Box (* w factor) (* h factor))))

(defmulti evaluate first)
(defmethod evaluate :number [[_ n]] n)
(defmethod evaluate :add [[_ a b]] (+' (evaluate a) (evaluate b)))
(defmethod evaluate :multiply [[_ a b]] (*' (evaluate a) (evaluate b)))
(defmethod evaluate :negate [[_ a]] (-' (evaluate a)))

(defn expression [n]
  (case (int (mod n 4))
    0 [:number n]
    1 [:add (expression (quot n 2)) [:number n]]
    2 [:multiply (expression (quot n 3)) (expression (quot n 5))]
    [:negate (expression (dec n))]))

(defmacro times-do [n & body] `(loop [i# 0 r# nil] (if (< i# ~n) (recur (inc i#) (do ~@body)) r#)))

(defn life [cells]
  (let [neighbours (frequencies (for [[x y] cells dx [-1 0 1] dy [-1 0 1] :when (not (and (zero? dx) (zero? dy)))] [(+ x dx) (+ y dy)]))]
    (set (for [[cell n] neighbours :when (or (= n 3) (and (= n 2) (cells cell)))] cell))))

(defn queens [n]
  (letfn [(place [row columns]
            (if (= row n) 1
              (reduce + (for [c (range n) :when (every? (fn [[r k]] (and (not= c k) (not= (Math/abs (- (long c) (long k))) (- row r)))) columns)]
                          (place (inc row) (conj columns [row c]))))))]
    (place 0 [])))

(def ^:dynamic *depth* 0)
(defn nested [n] (if (zero? n) *depth* (binding [*depth* (inc *depth*)] (nested (dec n)))))

(println "primes" (count (primes 200000)) (peek (primes 200000)))
(println "shapes" (reduce + (map area (map #(grow % 3) (mapcat (fn [i] [(->Square i) (->Box i (inc i))]) (range 20000))))))
(println "expressions" (reduce (fn [h n] (mod (+' (*' 31 h) (evaluate (expression n))) 1000003)) 7 (range 6000)))
(println "words" (->> (range 30000) (map #(str "w" (mod (* % %) 977))) frequencies (sort-by (juxt (comp - val) key)) (take 5)))
(println "transducers" (transduce (comp (filter odd?) (map #(* % %)) (partition-all 7) (map #(reduce + %))) + (range 100000)))
(println "life" (count (nth (iterate life #{[0 1] [1 2] [2 0] [2 1] [2 2] [10 10] [10 11] [11 10] [12 13] [13 12] [13 13]}) 60)))
(println "queens" (queens 7))
(println "nested" (times-do 200 (nested 50)))
(println "atoms" (let [a (atom {})] (doseq [i (range 20000)] (swap! a update (mod i 13) (fnil + 0) i)) (into (sorted-map) @a)))
(println "sets" (count (set/intersection (set (range 0 60000 3)) (set (range 0 60000 4)))))
(println "strings" (hash (string/join "," (map (comp string/upper-case string/reverse str) (range 10000)))))
(println "walk" (count (flatten (walk/postwalk #(if (number? %) (inc %) %) (vec (repeat 300 [1 [2 [3 {:a 4}]]]))))))
(println "exceptions" (reduce + (for [i (range 3000)] (try (if (zero? (mod i 3)) (throw (ex-info "third" {:i i})) (quot 100 (mod i 5))) (catch ArithmeticException _ -1) (catch clojure.lang.ExceptionInfo e (:i (ex-data e)))))))
(println "agents" (let [cells (vec (repeatedly 8 #(agent 0)))] (dotimes [i 4000] (send (cells (mod i 8)) + i)) (apply await cells) (let [v (mapv deref cells)] (shutdown-agents) v)))
(println "ratio" (reduce + (map #(/ 1 %) (range 1 200))))
