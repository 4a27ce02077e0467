package io.heliodor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A key pair with a self-signed certificate, in a file that is deleted on close.
 *
 * @param secret the password of the file; good as a cookie, too
 */
record KeyStoreFile(Path path, String secret) implements AutoCloseable {
    private static final int SECRET_BYTES = 16;
    private static final int PATIENCE_SECONDS = 60;

    /** Creates a key pair by the {@code keytool} of this Java. */
    static KeyStoreFile create() throws IOException, RunFailed, InterruptedException {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        String secret = HexFormat.of().formatHex(random);
        Path directory = Files.createTempDirectory("heliodor-bench");
        KeyStoreFile file = new KeyStoreFile(directory.resolve("keys.p12"), secret);
        // In the other order, and also when this process is interrupted.
        directory.toFile().deleteOnExit();
        file.path().toFile().deleteOnExit();
        boolean made = false;
        try {
            ProcessBuilder keytool = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-alias",
                            "bench",
                            "-keyalg",
                            "Ed25519",
                            "-dname",
                            "CN=bench",
                            "-storetype",
                            "PKCS12",
                            "-keystore",
                            file.path().toString(),
                            "-storepass:env",
                            "BENCH_SECRET"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            keytool.environment().put("BENCH_SECRET", secret);
            Process process = keytool.start();
            made = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            if (!made) {
                process.destroyForcibly();
                throw new RunFailed("keytool made no key");
            }
            return file;
        } finally {
            if (!made) {
                file.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
        Path directory = path.getParent();
        if (directory != null) {
            Files.deleteIfExists(directory);
        }
    }
}
