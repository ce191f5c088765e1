import java.io.StringReader;
import java.io.StringWriter;
import javax.xml.transform.Templates;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;

/** XML documents transformed by Xalan, interpreted and compiled to classes: sorting, grouping by keys, recursion, numbers. */
public final class XmlTransformation {
  private static final String SHEET = """
      <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:output method="xml" indent="yes"/>
        <xsl:key name="by-city" match="person" use="city"/>
        <xsl:template match="/people">
          <report count="{count(person)}" sum="{sum(person/age)}">
            <xsl:for-each select="person[generate-id() = generate-id(key('by-city', city)[1])]">
              <xsl:sort select="city"/>
              <city name="{city}" people="{count(key('by-city', city))}" mean="{format-number(sum(key('by-city', city)/age) div count(key('by-city', city)), '0.00')}">
                <xsl:apply-templates select="key('by-city', city)"><xsl:sort select="age" data-type="number" order="descending"/><xsl:sort select="name"/></xsl:apply-templates>
              </city>
            </xsl:for-each>
          </report>
        </xsl:template>
        <xsl:template match="person[age &lt; 18]"><child><xsl:value-of select="translate(name, 'abcdef', 'ABCDEF')"/></child></xsl:template>
        <xsl:template match="person">
          <xsl:param name="depth" select="3"/>
          <person id="{@id}" position="{position()}"><xsl:value-of select="concat(substring-before(concat(name, '-'), '-'), ' ', string-length(name))"/>
            <xsl:call-template name="bars"><xsl:with-param name="n" select="age mod 7"/></xsl:call-template>
            <xsl:choose><xsl:when test="contains(name, 'z')">z</xsl:when><xsl:when test="age mod 2 = 0">even</xsl:when><xsl:otherwise><xsl:number value="position()" format="i"/></xsl:otherwise></xsl:choose>
          </person>
        </xsl:template>
        <xsl:template name="bars"><xsl:param name="n"/><xsl:if test="$n &gt; 0">|<xsl:call-template name="bars"><xsl:with-param name="n" select="$n - 1"/></xsl:call-template></xsl:if></xsl:template>
      </xsl:stylesheet>
      """;

  private static String document(int people) {
    StringBuilder text = new StringBuilder("<people>");
    long seed = 7;
    for (int i = 0; i < people; i++) {
      seed = seed * 6364136223846793005L + 1442695040888963407L;
      int number = (int) (seed >>> 33);
      text.append("<person id='").append(i).append("'><name>").append(Integer.toString(number, 36)).append("-x</name><age>").append(number % 90)
          .append("</age><city>c").append(number / 90 % 37).append("</city></person>\n");
    }
    return text.append("</people>").toString();
  }

  public static void main(String[] arguments) throws Exception {
    String document = document(1_500);
    for (String factory : new String[] {"org.apache.xalan.processor.TransformerFactoryImpl", "org.apache.xalan.xsltc.trax.TransformerFactoryImpl"}) {
      Templates templates = TransformerFactory.newInstance(factory, null).newTemplates(new StreamSource(new StringReader(SHEET)));
      String first = null;
      for (int turn = 0; turn < Integer.parseInt(arguments[0]); turn++) {
        StringWriter out = new StringWriter();
        Transformer transformer = templates.newTransformer();
        transformer.transform(new StreamSource(new StringReader(document)), new StreamResult(out));
        if (first == null) System.out.println(factory + "\n" + (first = out.toString()));
        else if (!first.equals(out.toString())) throw new AssertionError("turn " + turn + ": " + out);
      }
    }
  }
}
