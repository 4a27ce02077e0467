package io.heliodor.playground.node;

import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cookie}: a new secret for a cluster. */
@Command(
        name = "cookie",
        description = "Prints a fresh cookie for a cluster: 32 random letters and digits.",
        mixinStandardHelpOptions = true)
public final class CookieCommand implements Callable<Integer> {
    private static final int LENGTH = 32;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Created by picocli. */
    public CookieCommand() {}

    @Override
    public Integer call() {
        spec.commandLine().getOut().println(fresh());
        return 0;
    }

    /**
     * Returns a new cookie.
     *
     * @return random letters and digits
     */
    public static String fresh() {
        SecureRandom random = new SecureRandom();
        StringBuilder cookie = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            cookie.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return cookie.toString();
    }
}
