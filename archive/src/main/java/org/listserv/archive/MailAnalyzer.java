package org.listserv.archive;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;

/// The same for texts and queries, for every field and language: no stop words, no stemming; case and accents do not count.
final class MailAnalyzer extends Analyzer {
    @Override
    protected TokenStreamComponents createComponents(String field) {
        var tokenizer = new MailTokenizer();
        return new TokenStreamComponents(tokenizer, new ASCIIFoldingFilter(new LowerCaseFilter(tokenizer)));
    }
}
