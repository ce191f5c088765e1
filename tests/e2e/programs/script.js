// A JavaScript program that runs mostly in Rhino's interpreter and generated classes: sorting, strings, closures, JSON, regular expressions.
function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

function sieve(n) {
  var composite = [], primes = 0;
  for (var i = 2; i < n; i++) {
    if (composite[i]) continue;
    primes++;
    for (var j = i + i; j < n; j += i) composite[j] = true;
  }
  return primes;
}

function Random(seed) {
  this.seed = seed;
}
Random.prototype.next = function () {
  this.seed = (this.seed * 1103515245 + 12345) % 2147483648;
  return this.seed;
};

function quicksort(a) {
  if (a.length < 2) return a;
  var pivot = a[a.length >> 1], less = [], same = [], more = [];
  for (var i = 0; i < a.length; i++) (a[i] < pivot ? less : a[i] > pivot ? more : same).push(a[i]);
  return quicksort(less).concat(same, quicksort(more));
}

function words(random, n) {
  var all = [];
  for (var i = 0; i < n; i++) {
    var w = "";
    for (var k = 1 + (random.next() % 7); k > 0; k--) w += String.fromCharCode(97 + (random.next() % 26));
    all.push(w);
  }
  return all;
}

var random = new Random(42);
print("fibonacci " + fibonacci(19));
print("sieve " + sieve(20000));
var numbers = [];
for (var i = 0; i < 5000; i++) numbers.push(random.next() % 100000);
var sorted = quicksort(numbers);
print("sorted " + sorted[0] + " " + sorted[2500] + " " + sorted[4999]);
var text = words(random, 4000).join(" ");
var counts = {};
text.split(/\s+/).forEach(function (w) { counts[w.charAt(0)] = (counts[w.charAt(0)] || 0) + w.length; });
print("counts " + JSON.stringify(counts));
print("replaced " + text.replace(/([aeiou])([^aeiou ]+)/g, function (m, v, c) { return c + v; }).substring(0, 200));
var matrix = [];
for (i = 0; i < 40; i++) { matrix.push([]); for (var j = 0; j < 40; j++) matrix[i].push(Math.sin(i * 40 + j)); }
var sum = 0;
for (i = 0; i < 40; i++) for (j = 0; j < 40; j++) { var s = 0; for (var k = 0; k < 40; k++) s += matrix[i][k] * matrix[k][j]; sum += s; }
print("matrix " + sum.toFixed(9));
var tries = 0;
for (i = 0; i < 2000; i++) { try { if (i % 3 === 0) throw new Error("e" + i); if (i % 7 === 0) null.x; } catch (e) { tries += String(e.message).length; } finally { tries++; } }
print("tries " + tries);
