package io.heliodor.interop.proxies;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A file of the guide, and the program that runs it. */
enum Recipe {
    NGINX("nginx.conf", "nginx", "nginx"),
    HAPROXY("haproxy.cfg", "haproxy", "haproxy"),
    CADDY("Caddyfile", "caddy", "caddy"),
    VITE("vite.config.mjs", "node", "nodejs");

    private static final Path FOLDER = Path.of("../examples/src/proxies");

    /** Debian has proxies here, which is not in the path of every user. */
    private static final String SYSTEM = "/usr/sbin";

    private final String file;
    private final String program;
    private final String debian;

    Recipe(String file, String program, String debian) {
        this.file = file;
        this.program = program;
        this.debian = debian;
    }

    /** The file as the guide prints it. */
    Path source() {
        return FOLDER.resolve(file);
    }

    /** The program, if it is installed. */
    Optional<Path> program() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of(SYSTEM))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The reason why it cannot run here, if there is one. */
    Optional<String> whyNot() {
        return program().isPresent()
                ? Optional.empty()
                : Optional.of(program + " is missing: install it, on Debian by apt-get install " + debian);
    }
}
