package io.heliodor.load;

/** A run that cannot go on. The message is for the user. */
final class LoadFailed extends RuntimeException {
    private static final long serialVersionUID = 1;

    LoadFailed(String message) {
        super(message);
    }
}
