package io.heliodor.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A script of this module on Node that answers each line of its standard input by a line of JSON. For one thread. */
public final class NodeScript implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final List<String> command;
    private final Process process;
    private final BufferedReader answers;

    /**
     * Starts one.
     *
     * @param prefix a command that runs another one, as {@code ip netns exec} does
     * @param environment more variables of the environment
     * @param file the script
     * @param arguments of the script
     */
    public NodeScript(List<String> prefix, Map<String, String> environment, String file, List<String> arguments)
            throws IOException {
        command = new ArrayList<>(prefix);
        command.addAll(List.of("node", NodePackages.MODULE.resolve(file).toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        process = builder.start();
        answers = process.inputReader();
    }

    /** Runs a command and returns its answer. Blocks until then. */
    public JsonNode run(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException(command + " has ended");
        }
        return JSON.readTree(answer);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
