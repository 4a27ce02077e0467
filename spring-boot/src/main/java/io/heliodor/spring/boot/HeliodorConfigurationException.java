package io.heliodor.spring.boot;

/** The application's beans or properties do not fit together. */
final class HeliodorConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String action;

    HeliodorConfigurationException(String description, String action) {
        super(description);
        this.action = action;
    }

    HeliodorConfigurationException(String description, String action, Throwable cause) {
        super(description, cause);
        this.action = action;
    }

    /** The change that the developer should make. */
    String action() {
        return action;
    }
}
