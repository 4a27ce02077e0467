package io.heliodor.describe;

/** Thrown if a committed document of a contract differs from the contract. */
public final class StaleContractException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StaleContractException(String message) {
        super(message);
    }
}
