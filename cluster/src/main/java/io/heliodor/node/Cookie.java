package io.heliodor.node;

import io.heliodor.link.jgroups.socket.CookieSecret;
import io.heliodor.secret.SecretFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret that all nodes of a cluster share. A program with the secret can become a member, and is trusted as one. The
 * key with which nodes authenticate each other and encrypt their traffic (TLS 1.3) is derived from it.
 *
 * <p>An attacker who reaches the port of a node can try cookies offline, so use one that cannot be guessed: {@link
 * #random()}, or the output of {@code ./heliodor cookie}.
 *
 * <p><b>Rotation.</b> Restart all nodes three times, one after the other: with {@code Cookie.of(old).accepting(next)}, then
 * with {@code Cookie.of(next).accepting(old)}, then with {@code Cookie.of(next)}.
 *
 * <p>Immutable. It prints as {@code Cookie}, so that it gets into no log.
 */
public final class Cookie {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    private static final int MAX_LENGTH = 255;
    private static final int RANDOM = 32;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private final List<CookieSecret> secrets;

    private Cookie(List<CookieSecret> secrets) {
        this.secrets = List.copyOf(secrets);
    }

    /**
     * A cookie.
     *
     * @param secret 1 to 255 printable ASCII characters without spaces. A node takes none with fewer than 8
     *     different ones, and one that can be reached from other machines none below 16
     * @return the cookie
     * @throws IllegalArgumentException when it has other characters, or too many or none; the text has the position or the
     *     length, and not the secret
     */
    public static Cookie of(String secret) {
        return new Cookie(List.of(new CookieSecret(checked(secret))));
    }

    /**
     * The cookie in an environment variable; white space around it does not count.
     *
     * @param variable its name
     * @return the cookie
     * @throws IllegalArgumentException when the variable is not set, or is not a cookie
     */
    public static Cookie fromEnv(String variable) {
        Objects.requireNonNull(variable, "variable");
        String value = System.getenv(variable);
        if (value == null) {
            throw new IllegalArgumentException("The environment variable " + variable + " is not set."
                    + " Set it to the cookie of the cluster; `./heliodor cookie` prints a fresh one.");
        }
        return of(value.strip());
    }

    /**
     * The cookie in a file; white space around it does not count. A file that other users of the machine may write, or replace in
     * its directory, is refused; a warning is logged if they may read it.
     *
     * @param file the file
     * @return the cookie
     * @throws IllegalArgumentException when the file has no cookie, or when others may write it
     * @throws UncheckedIOException when the file cannot be read
     */
    public static Cookie fromFile(Path file) {
        Objects.requireNonNull(file, "file");
        try {
            SecretFile.writable(file).ifPresent(fault -> {
                throw new IllegalArgumentException("The cookie is not used: " + fault);
            });
            SecretFile.readable(file)
                    .ifPresent(text -> LOG.warn("Whoever has the cookie can become a member, and {}", text));
            return of(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("The cookie cannot be read from " + file, e);
        }
    }

    /**
     * A fresh cookie: 32 letters and digits from a secure random.
     *
     * @return the cookie
     */
    public static Cookie random() {
        SecureRandom random = new SecureRandom();
        StringBuilder secret = new StringBuilder(RANDOM);
        for (int i = 0; i < RANDOM; i++) {
            secret.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return of(secret.toString());
    }

    /**
     * This cookie, and another one that is accepted from others meanwhile: for rotation.
     *
     * @param other the secret of the cookie that others may have
     * @return a cookie that proves itself with this one's secret and accepts both
     * @throws IllegalArgumentException when the other is not a cookie
     */
    public Cookie accepting(String other) {
        List<CookieSecret> more = new ArrayList<>(secrets);
        more.add(new CookieSecret(checked(other)));
        return new Cookie(more);
    }

    /**
     * The secret itself, to show it once to its creator.
     *
     * @return the characters
     */
    public String reveal() {
        return secrets.getFirst().text();
    }

    /** The secret of this node first, then the others that it accepts. */
    List<CookieSecret> secrets() {
        return secrets;
    }

    private static String checked(String secret) {
        Objects.requireNonNull(secret, "secret");
        if (secret.isEmpty()) {
            throw bad("is empty");
        }
        if (secret.length() > MAX_LENGTH) {
            throw bad("has " + secret.length());
        }
        for (int i = 0; i < secret.length(); i++) {
            char c = secret.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                throw bad("has " + named(c) + " at position " + (i + 1));
            }
        }
        return secret;
    }

    /** The kind of a character that a cookie must not have: the character itself may be a part of the secret. */
    private static String named(char c) {
        return switch (c) {
            case ' ' -> "a space";
            case '\t' -> "a tab";
            case '\n', '\r' -> "a line break";
            default -> "a character that is not printable ASCII";
        };
    }

    private static IllegalArgumentException bad(String why) {
        return new IllegalArgumentException("A cookie has 1 to " + MAX_LENGTH
                + " printable ASCII characters without spaces; this one " + why
                + ". `./heliodor cookie` prints a good one.");
    }

    @Override
    public String toString() {
        return "Cookie";
    }
}
