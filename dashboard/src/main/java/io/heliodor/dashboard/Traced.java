package io.heliodor.dashboard;

/** The kinds of what is traced. */
enum Traced {
    USER,
    TOPIC
}
