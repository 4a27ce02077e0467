package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NameResolverTests {
    private static final long CACHED = Duration.ofSeconds(30).toNanos();

    private record Answer(String address, long at) {}

    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Answer> cache = new HashMap<>();
    private final List<String> queries = new ArrayList<>();
    private boolean caseSensitive;
    private long now = Duration.ofDays(3).toNanos();
    private final NameResolver resolver = new NameResolver(this::lookUp, () -> now);

    /** As the JVM does: an address is cached for 30 s by the name as it is written. */
    private InetAddress[] lookUp(String name) throws UnknownHostException {
        Answer cached = cache.get(name);
        if (cached == null || now - cached.at() >= CACHED) {
            queries.add(name);
            String address = names.get(caseSensitive ? name : name.toLowerCase(Locale.ROOT));
            if (address == null) {
                throw new UnknownHostException(name);
            }
            cached = new Answer(address, now);
            cache.put(name, cached);
        }
        return new InetAddress[] {InetAddress.ofLiteral(cached.address())};
    }

    private String address(String host) throws UnknownHostException {
        return resolver.resolve(host).getFirst().getHostAddress();
    }

    private void pass(long seconds) {
        now += Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void aNameThatChangesIsSeenWithinTenSeconds() throws UnknownHostException {
        for (int round = 1; round < 50; round++) {
            names.put("chat.local", "10.0.0." + round);
            pass(10);
            assertThat(address("chat.local")).isEqualTo("10.0.0." + round);
            pass(round % 7);
        }
    }

    @Test
    void twoLettersAreEnough() throws UnknownHostException {
        for (int round = 1; round < 50; round++) {
            names.put("db", "10.0.0." + round);
            pass(10);
            assertThat(address("db")).isEqualTo("10.0.0." + round);
        }
    }

    @Test
    void withinTenSecondsTheCacheAnswers() throws UnknownHostException {
        names.put("chat.local", "10.0.0.1");
        for (int i = 0; i < 10; i++) {
            assertThat(address("chat.local")).isEqualTo("10.0.0.1");
        }
        assertThat(queries).hasSize(1);
    }

    @Test
    void theHostIsNamedAsItWasGiven() throws UnknownHostException {
        names.put("chat.local", "10.0.0.1");
        for (int i = 0; i < 8; i++) {
            assertThat(resolver.resolve("Chat.local").getFirst().getHostName()).isEqualTo("Chat.local");
            pass(10);
        }
    }

    @Test
    void aServiceThatDistinguishesCaseGetsTheNameAsItWasGiven() throws UnknownHostException {
        caseSensitive = true;
        names.put("chat.local", "10.0.0.1");
        for (int i = 0; i < 8; i++) {
            assertThat(address("chat.local")).isEqualTo("10.0.0.1");
            pass(10);
        }
    }

    @Test
    void anAddressIsNotSpelledDifferently() throws UnknownHostException {
        names.put("fe80::1", "fe80::1");
        for (int i = 0; i < 8; i++) {
            resolver.resolve("fe80::1");
            pass(10);
        }
        assertThat(queries).containsOnly("fe80::1");
    }

    @Test
    void aNameWithoutAnAddressIsUnknown() {
        assertThatThrownBy(() -> resolver.resolve("nobody.local")).isInstanceOf(UnknownHostException.class);
    }

    /** As the JVM does: that a name has no address is cached for 10 s by the name as it is written. */
    @Test
    void aHostThatGetsItsAddressLaterIsAwaited() throws InterruptedException {
        Map<String, Long> unknown = new HashMap<>();
        NameResolver.Lookup lookup = name -> {
            Long since = unknown.get(name);
            if (since == null || now - since >= Duration.ofSeconds(10).toNanos()) {
                unknown.put(name, now);
                return lookUp(name);
            }
            throw new UnknownHostException(name);
        };
        long begin = now;
        List<Duration> pauses = new ArrayList<>();

        assertThat(NameResolver.await(lookup, "pod-0.nodes", 16, pause -> {
                    pauses.add(pause);
                    now += pause.toNanos();
                    if (pauses.size() == 3) {
                        names.put("pod-0.nodes", "10.0.0.5");
                    }
                }))
                .hasValueSatisfying(
                        address -> assertThat(address.getHostAddress()).isEqualTo("10.0.0.5"));
        assertThat(pauses).hasSize(3);
        assertThat(now - begin).isLessThan(Duration.ofSeconds(10).toNanos());
    }

    @Test
    void aHostWithoutAnAddressIsAwaitedForItsAttemptsOnly() throws InterruptedException {
        List<Duration> pauses = new ArrayList<>();
        assertThat(NameResolver.await(this::lookUp, "nowhere", 3, pauses::add)).isEmpty();
        assertThat(pauses).hasSize(2);
        assertThat(NameResolver.await(this::lookUp, "nowhere", 1, pauses::add)).isEmpty();
        assertThat(pauses).hasSize(2);
    }
}
