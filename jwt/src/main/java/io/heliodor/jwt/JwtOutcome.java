package io.heliodor.jwt;

import java.time.Instant;
import java.util.Objects;

/** The result of verifying a token. */
public sealed interface JwtOutcome {
    /**
     * The token is valid.
     *
     * @param jwt its claims
     */
    record Valid(Jwt jwt) implements JwtOutcome {
        /** Checks that the token is not null. */
        public Valid {
            Objects.requireNonNull(jwt, "jwt");
        }
    }

    /**
     * The token has expired. All other checks have passed: signature, issuer and audience.
     *
     * @param since the time in its claim {@code exp}
     */
    record Expired(Instant since) implements JwtOutcome {
        /** Checks that the time is not null. */
        public Expired {
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * The token is refused.
     *
     * @param reason the check that failed, for logs; it contains no text of the token. Do not send it to the client
     */
    record Invalid(String reason) implements JwtOutcome {
        /** Checks that the reason is not null. */
        public Invalid {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * The token cannot be verified now, because the keys of its issuer cannot be fetched, or because too many tokens with unknown keys wait
     * for that. The client may come again.
     *
     * @param reason the failure, for logs
     */
    record Unavailable(String reason) implements JwtOutcome {
        /** Checks that the reason is not null. */
        public Unavailable {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
