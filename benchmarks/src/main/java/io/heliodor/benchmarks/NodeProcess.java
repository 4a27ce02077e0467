package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * A process that replies to each line by a line. It ends with its standard input, and so with this process. Used by one
 * thread.
 */
final class NodeProcess implements AutoCloseable {
    private static final String FAILED = "failed ";
    private static final String ENDED = FAILED + "the process ended";
    private static final int PATIENCE_SECONDS = 60;
    private static final int STOP_SECONDS = 5;
    private static final int MAX_LINES = 100;

    private final String name;
    private final Process process;
    private final Writer in;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(MAX_LINES);

    private NodeProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.in = process.outputWriter(UTF_8);
        Thread.ofVirtual().start(this::listen);
    }

    /**
     * Starts one; its standard error goes to ours.
     *
     * @param name for complaints
     */
    static NodeProcess start(String name, List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return new NodeProcess(name, builder.start());
    }

    private void listen() {
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.put(line);
            }
            lines.put(ENDED);
        } catch (IOException e) {
            boolean _ = lines.offer(FAILED + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    long pid() {
        return process.pid();
    }

    /** Sends a line; {@link #answer} returns the reply. */
    void say(String line) throws RunFailed {
        try {
            in.write(line + "\n");
            in.flush();
        } catch (IOException e) {
            throw new RunFailed(name + ": it does not listen: " + e.getMessage());
        }
    }

    /** Waits for a line that begins with a word; returns the figures after it. */
    long[] answer(String word) throws RunFailed, InterruptedException {
        String line = lines.poll(PATIENCE_SECONDS, SECONDS);
        if (line == null) {
            throw new RunFailed(name + ": no answer within " + PATIENCE_SECONDS + " s, but '" + word + "' was due");
        }
        String[] words = line.split(" ", -1);
        if (!words[0].equals(word)) {
            throw new RunFailed(name + ": " + (line.startsWith(FAILED) ? line.substring(FAILED.length()) : line));
        }
        long[] figures = new long[words.length - 1];
        for (int i = 0; i < figures.length; i++) {
            figures[i] = Long.parseLong(words[i + 1]);
        }
        return figures;
    }

    /** Sends a line and waits for the reply. */
    long[] ask(String line, String word) throws RunFailed, InterruptedException {
        say(line);
        return answer(word);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            process.destroy();
        }
        try {
            if (!process.waitFor(STOP_SECONDS, SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
