package io.heliodor.interop.attack;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Hostile clients of all kinds attack a server with the launcher's flags, while healthy clients use it.
 *
 * <p>{@code -Dheliodor.attack=PT10M} makes the attack longer than the 30 seconds of a build, and requires each
 * echo within 2 seconds in place of 10; {@code
 * -Dheliodor.attack.vectors=mailboxes,replays} limits it to some {@link Vectors}; {@code -Dheliodor.attack.seed=N} changes
 * the order of the attacks. The measurements are printed and written to {@code target/attack}.
 */
@Tag("long")
@Isolated
class AttackIT {
    @Test
    void theServerSurvivesAndHealthyClientsAreServed() throws Exception {
        assertThat(new Attack().run()).isEmpty();
    }
}
