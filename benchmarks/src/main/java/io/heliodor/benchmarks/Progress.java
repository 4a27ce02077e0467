package io.heliodor.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A progress line, which the next one overwrites on a terminal. */
record Progress(PrintStream out, boolean terminal) {
    private static final String ERASE_TO_END = "\u001b[K";

    /** Progress on standard error. */
    static Progress onStandardError() {
        return new Progress(System.err, standardErrorIsTerminal());
    }

    void show(String line) {
        if (terminal) {
            out.print('\r' + line + ERASE_TO_END);
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Makes room for other output. */
    void done() {
        if (terminal) {
            out.print('\r' + ERASE_TO_END);
            out.flush();
        }
    }

    /** {@link System#console} covers standard input and output only. */
    private static boolean standardErrorIsTerminal() {
        try {
            String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }
}
