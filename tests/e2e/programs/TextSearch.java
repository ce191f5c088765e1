import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.WildcardQuery;
import org.apache.lucene.store.ByteBuffersDirectory;

/** A Lucene index in memory: written in segments that merge, deleted from, and searched in every way. */
public final class TextSearch {
  private static long seed = 3;

  private static int below(int limit) {
    seed = seed * 6364136223846793005L + 1442695040888963407L;
    return (int) ((seed >>> 33) % limit);
  }

  public static void main(String[] arguments) throws Exception {
    int documents = Integer.parseInt(arguments[0]);
    String[] words = new String[2_000];
    for (int i = 0; i < words.length; i++) words[i] = Integer.toString(1000 + below(1 << 24), 36).replaceAll("[0-9]", "e");
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer()).setMergeScheduler(new SerialMergeScheduler()).setMaxBufferedDocs(500);
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (int i = 0; i < documents; i++) {
          StringBuilder text = new StringBuilder();
          for (int n = 20 + below(60); n > 0; n--) text.append(words[below(1 + below(words.length))]).append(n % 9 == 0 ? ". " : " ");
          Document document = new Document();
          document.add(new StringField("id", "d" + i, Field.Store.YES));
          document.add(new TextField("text", text.toString(), Field.Store.NO));
          document.add(new IntPoint("size", text.length()));
          document.add(new NumericDocValuesField("size", text.length()));
          writer.addDocument(document);
        }
        for (int i = 0; i < documents; i += 17) writer.deleteDocuments(new Term("id", "d" + i));
        writer.forceMerge(2);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        System.out.println("documents " + reader.numDocs() + " of " + reader.maxDoc());
        List<Query> queries = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
          Term a = new Term("text", words[below(200)]), b = new Term("text", words[below(words.length)]);
          switch (i % 6) {
            case 0: queries.add(new TermQuery(a)); break;
            case 1:
              queries.add(new BooleanQuery.Builder().add(new TermQuery(a), BooleanClause.Occur.SHOULD).add(new TermQuery(b), BooleanClause.Occur.SHOULD)
                  .add(IntPoint.newRangeQuery("size", 100, 350), BooleanClause.Occur.FILTER).build());
              break;
            case 2: queries.add(new PhraseQuery(4, "text", a.text(), words[below(100)])); break;
            case 3: queries.add(new FuzzyQuery(b, 1)); break;
            case 4: queries.add(new WildcardQuery(new Term("text", b.text().substring(0, 2) + "*e?"))); break;
            default:
              queries.add(new BooleanQuery.Builder().add(new TermQuery(a), BooleanClause.Occur.MUST).add(new TermQuery(b), BooleanClause.Occur.MUST_NOT).build());
          }
        }
        for (int turn = 0; turn < 3; turn++) {
          for (Query query : queries) {
            TopDocs top = turn == 1 ? searcher.search(query, 5, new Sort(new SortField("size", SortField.Type.INT), SortField.FIELD_DOC)) : searcher.search(query, 5);
            StringBuilder line = new StringBuilder(query + ": " + top.totalHits.value);
            for (ScoreDoc hit : top.scoreDocs) line.append(' ').append(searcher.doc(hit.doc).get("id")).append('=').append(hit.score);
            System.out.println(line);
          }
        }
      }
    }
  }
}
