package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliodor.election.Election;
import io.heliodor.election.Elections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalElectionsTests {
    private final Elections elections = LocalElections.start();

    @AfterEach
    void close() {
        elections.close();
    }

    @Test
    void theProcessLeadsAndItsDutyIsInterruptedByTheClose() {
        AtomicInteger running = new AtomicInteger();
        Election election = elections.election("scheduler").whileLeading(term -> {
            assertThat(term.fencing()).isEmpty();
            running.incrementAndGet();
            try {
                new CountDownLatch(1).await();
            } finally {
                running.decrementAndGet();
            }
        });
        await().until(() -> running.get() == 1);
        assertThat(election.leading()).isTrue();
        assertThat(election.leader())
                .hasValueSatisfying(leader -> assertThat(leader.node()).isEqualTo("local"));
        assertThat(elections.election("scheduler")).isSameAs(election);
        elections.close();
        assertThat(running).hasValue(0);
        assertThatThrownBy(() -> elections.election("scheduler"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aDutyThatFailsRunsAgainAndOneThatReturnsResigns() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch returned = new CountDownLatch(1);
        Election election = elections.election("scheduler").whileLeading(term -> {
            if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException("asked to fail");
            }
            returned.countDown();
        });
        assertThat(returned.await(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> election.leader().isEmpty());
        assertThat(election.leading()).isFalse();
        assertThat(runs).hasValue(2);
    }

    @Test
    void aClosedElectionIsOpenedAgainByItsName() {
        Election first = elections.election("scheduler").whileLeading(term -> new CountDownLatch(1).await());
        await().until(first::leading);
        first.close();
        Election second = elections.election("scheduler");
        assertThat(second).isNotSameAs(first);
        second.whileLeading(term -> new CountDownLatch(1).await());
        await().until(second::leading);
        assertThat(second.leader().orElseThrow().term().label()).isEqualTo("local-2");
    }

    @Test
    void aNameThatBreaksTheRuleIsRefused() {
        assertThatThrownBy(() -> elections.election("")).isInstanceOf(IllegalArgumentException.class);
    }
}
