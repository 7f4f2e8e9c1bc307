package org.listserv.deploy.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/// The configuration file, flattened: `listserv: {web: {listen: x}}`, `listserv.web: {listen: x}` and
/// `listserv.web.listen: x` all mean the same key. Only the tree is read, no object is ever made from a tag,
/// and each value keeps its line.
final class YamlFile {

    private static final int DEEPEST = 20; // an alias that contains itself would go on for ever

    private final Path file;
    private final Map<String, Found> values = new LinkedHashMap<>();
    private final List<Mistake> mistakes = new ArrayList<>();

    /// A value as written; a sequence is joined by commas.
    record Found(String text, Origin.Line where) {}

    private YamlFile(Path file) {
        this.file = file;
    }

    static YamlFile read(Path file) {
        var read = new YamlFile(file);
        try {
            var tree = new Yaml(new LoaderOptions()).compose(new StringReader(Files.readString(file)));
            if (tree != null) {
                read.flatten("", tree, 0);
            }
        } catch (NoSuchFileException e) {
            read.wrong(0, "there is no such file");
        } catch (MalformedInputException e) {
            read.wrong(0, "is not UTF-8 text");
        } catch (IOException e) {
            read.wrong(0, "cannot be read: " + reason(e));
        } catch (MarkedYAMLException e) {
            var mark = e.getProblemMark();
            read.wrong(mark == null ? 0 : mark.getLine() + 1, "is not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            read.wrong(0, "is not YAML: " + e.getMessage());
        }
        return read;
    }

    Map<String, Found> values() {
        return values;
    }

    List<Mistake> mistakes() {
        return mistakes;
    }

    private void flatten(String prefix, Node node, int depth) {
        int line = node.getStartMark().getLine() + 1;
        switch (node) {
            case MappingNode mapping when depth == DEEPEST -> wrong(line, prefix + " is nested too deeply");
            case MappingNode mapping -> mapping.getValue().forEach(entry -> {
                if (entry.getKeyNode() instanceof ScalarNode key) {
                    flatten(prefix.isEmpty() ? key.getValue() : prefix + "." + key.getValue(), entry.getValueNode(), depth + 1);
                } else {
                    wrong(entry.getKeyNode().getStartMark().getLine() + 1, "a key must be a word");
                }
            });
            case ScalarNode scalar when prefix.isEmpty() -> wrong(line, "expected `key: value`, found `" + scalar.getValue() + "`");
            case ScalarNode scalar -> found(prefix, isNull(scalar) ? "" : scalar.getValue(), line);
            case SequenceNode sequence when sequence.getValue().stream().allMatch(ScalarNode.class::isInstance) && !prefix.isEmpty() ->
                found(prefix,
                        sequence.getValue().stream().map(element -> ((ScalarNode) element).getValue()).collect(Collectors.joining(",")),
                        line);
            default -> wrong(line, (prefix.isEmpty() ? "the file" : prefix) + " must hold keys and values, not a list of them");
        }
    }

    private void found(String key, String text, int line) {
        var earlier = values.putIfAbsent(key, new Found(text, new Origin.Line(file, line)));
        if (earlier != null) {
            wrong(line, key + " stands already in line " + earlier.where().line());
        }
    }

    /// `key:` with nothing behind it, `key: ~` and `key: null` mean the empty value.
    private static boolean isNull(ScalarNode scalar) {
        return scalar.isPlain() && (scalar.getValue().isEmpty() || scalar.getValue().equals("~") || scalar.getValue().equals("null"));
    }

    private void wrong(int line, String what) {
        mistakes.add(line == 0 ? new Mistake(new Origin.WholeFile(file), what) : new Mistake(new Origin.Line(file, line), what));
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
