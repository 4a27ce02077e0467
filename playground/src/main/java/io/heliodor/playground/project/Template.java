package io.heliodor.playground.project;

import java.util.Arrays;
import java.util.Optional;

/** An application that a new project begins with. */
enum Template {
    /** Rooms with messages, and the users who are there. */
    CHAT("chat", "Chat"),
    /** Cards that several users move, with calls and typed errors. */
    BOARD("board", "Board");

    private final String id;
    private final String className;

    Template(String id, String className) {
        this.id = id;
        this.className = className;
    }

    /** The name on the command line, of its folders, and of its package under {@code com.example}. */
    String id() {
        return id;
    }

    /** The first part of the names of its classes. */
    String className() {
        return className;
    }

    static Optional<Template> of(String id) {
        return Arrays.stream(values())
                .filter(template -> template.id.equals(id))
                .findFirst();
    }
}
