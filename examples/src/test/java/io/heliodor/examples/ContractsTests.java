package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.describe.StaleContractException;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The desk of {@code docs/contracts.md} sends what it declares, and its types are as the page shows them. */
class ContractsTests {
    @TempDir
    Path web;

    @Test
    void theDeskSendsWhatItDeclares() {
        try (ChannelKit kit = ChannelKit.start(Contracts.socket())) {
            TestChannel ann = kit.connect().join("ticket:7", Map.of("agent", "ann"));
            assertThat(ann.call(Contracts.ASSIGN, new Contracts.Assigned("ben")).id())
                    .isEqualTo(7);
            assertThat(ann.expect(Contracts.ASSIGNED).agent()).isEqualTo("ben");
        }
    }

    @Test
    void theTypesOfTheExamplesForPagesAreThoseOfTheDesk() {
        Contracts.check(Path.of("src/web"));
    }

    @Test
    void theFileIsWrittenAndChecked() throws IOException {
        assertThatExceptionOfType(StaleContractException.class).isThrownBy(() -> Contracts.check(web));
        assertThat(Contracts.write(web)).containsExactly(web.resolve("desk.ts"));
        Contracts.check(web);
        assertThat(Files.readString(web.resolve("desk.ts"))).contains("""
                            {
                              topic: `ticket:${string}`;
                              history: false;
                              join: { payload: Enter; reply: Ticket; error: { reason: "no_such_ticket" } };
                              pushes: {};
                              calls: {
                                assign: { request: Assigned; reply: Ticket; error: { reason: "closed" | "unknown_agent" } };
                              };
                              events: { assigned: Assigned; changed: Ticket };
                              presence: { presence: Online };
                              counts: {};
                            },
                        """);
    }
}
