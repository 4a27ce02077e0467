package io.heliodor.jwt;

import static io.heliodor.jwt.TestToken.AUDIENCE;
import static io.heliodor.jwt.TestToken.NOW;
import static io.heliodor.jwt.TestToken.claims;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys that an issuer publishes: fetched, cached, changed, and missing. The clock of the cache moves by the test only. */
class RemoteKeysTests {
    private static final SigningKey OLD = SigningKey.ec("old");
    private static final SigningKey NEW = SigningKey.ec("new");

    private final LocalIssuer issuer = LocalIssuer.start(OLD);
    private final AtomicLong nanos = new AtomicLong(Duration.ofDays(-1).toNanos());
    private final Jwts jwts = builder().build();

    @AfterEach
    void close() {
        issuer.close();
    }

    private Jwts.Builder builder() {
        return Jwts.issuer(issuer.url())
                .audience(AUDIENCE)
                .clock(() -> NOW)
                .nanos(nanos::get)
                .waiting(1, this::pass);
    }

    private void pass(Duration time) {
        pass(time.toNanos());
    }

    /** Also the wait of a token. */
    private void pass(long time) {
        nanos.addAndGet(time);
    }

    private JwtOutcome verify(SigningKey key) {
        return jwts.verify(key.sign(claims(issuer.url())));
    }

    private void isValid(SigningKey key) {
        assertThat(verify(key)).isInstanceOf(JwtOutcome.Valid.class);
    }

    private void isInvalid(SigningKey key) {
        assertThat(verify(key)).isInstanceOf(JwtOutcome.Invalid.class);
    }

    private static void isUnavailable(JwtOutcome outcome, String reason) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        JwtOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.reason()).contains(reason));
    }

    @Test
    void keysAreFetchedOnceForTheirTimeInTheCache() {
        isValid(OLD);
        isValid(OLD);
        pass(RemoteKeys.CACHED.minusMillis(1));
        isValid(OLD);
        assertThat(issuer.keyRequests()).isEqualTo(1);
        pass(Duration.ofMillis(2));
        isValid(OLD);
        assertThat(issuer.keyRequests()).isEqualTo(2);
    }

    @Test
    void aNewKeyIsFetchedWithoutARestart() {
        isValid(OLD);
        issuer.publish(OLD, NEW);
        isValid(NEW);
        isValid(OLD);
        assertThat(issuer.keyRequests()).isEqualTo(2);
    }

    @Test
    void aRemovedKeyIsUnknownAfterTheTimeOfTheCache() {
        isValid(OLD);
        issuer.publish(NEW);
        isValid(OLD);
        pass(RemoteKeys.CACHED.plusMillis(1));
        isInvalid(OLD);
        isValid(NEW);
    }

    @Test
    void aRemovedKeyIsRefusedAtOnceWhenTheNewOneWasFetched() {
        isValid(OLD);
        issuer.publish(NEW);
        isValid(NEW);
        isInvalid(OLD);
        pass(RemoteKeys.INTERVAL);
        isInvalid(OLD);
    }

    @Test
    void keysStayInUseForAnHourWhileTheIssuerIsDown() {
        isValid(OLD);
        issuer.keys(LocalIssuer.status(503));
        pass(RemoteKeys.CACHED.plusMillis(1));
        isValid(OLD);
        isUnavailable(verify(NEW), "503");
        pass(RemoteKeys.OUTAGE);
        isUnavailable(verify(OLD), "503");
    }

    @Test
    void anIssuerThatWasDownIsReadAgain() {
        issuer.keys(LocalIssuer.status(503));
        isUnavailable(verify(OLD), "503");
        issuer.publish(OLD);
        isValid(OLD);
    }

    @Test
    void aFailedFetchIsRepeatedOnce() {
        issuer.keys(exchange -> {
            issuer.publish(OLD);
            LocalIssuer.status(500).write(exchange);
        });
        isValid(OLD);
        assertThat(issuer.keyRequests()).isEqualTo(2);
    }

    /** A stranger with invented keys must not keep the clients of a new key out: a 401 is final for them. */
    @Test
    void aNewKeyIsFoundAlsoWhenInventedKeysHaveUsedUpTheFetches() {
        isValid(OLD);
        isInvalid(SigningKey.ec("invented1"));
        isInvalid(SigningKey.ec("invented2"));
        issuer.publish(OLD, NEW);
        isValid(NEW);
    }

    @Test
    void aTokenWithAnUnknownKeyIsRefusedAfterAFetchThatBeganAfterItCame() {
        isValid(OLD);
        for (int i = 1; i <= 10; i++) {
            isInvalid(NEW);
            assertThat(issuer.keyRequests()).isEqualTo(1 + i);
        }
    }

    @Test
    void inventedKeysCauseABurstAndThenOneFetchInEachInterval() {
        isValid(OLD);
        long begin = nanos.get();
        for (int i = 0; i < 10; i++) {
            isInvalid(SigningKey.ec("invented" + i));
            isValid(OLD);
        }
        assertThat(issuer.keyRequests()).isEqualTo(11);
        assertThat(nanos.get() - begin).isEqualTo((11 - RemoteKeys.BURST) * RemoteKeys.INTERVAL.toNanos());
    }

    @Test
    void afterAPauseABurstIsPermittedAndNoMore() {
        isValid(OLD);
        pass(RemoteKeys.INTERVAL.multipliedBy(10));
        long begin = nanos.get();
        isInvalid(NEW);
        isInvalid(NEW);
        assertThat(nanos.get()).isEqualTo(begin);
        isInvalid(NEW);
        assertThat(nanos.get()).isEqualTo(begin + RemoteKeys.INTERVAL.toNanos());
    }

    /** Its clients come again, after the key that the one token waits for is cached. */
    @Test
    void aTokenIsNotVerifiedNowIfTooManyWaitForAFetch() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Jwts bounded = builder()
                .waiting(1, wait -> {
                    waits.countDown();
                    go.await();
                    pass(wait);
                })
                .build();
        String old = OLD.sign(claims(issuer.url()));
        String fresh = NEW.sign(claims(issuer.url()));
        assertThat(bounded.verify(old)).isInstanceOf(JwtOutcome.Valid.class);
        assertThat(bounded.verify(fresh)).isInstanceOf(JwtOutcome.Invalid.class);
        issuer.publish(OLD, NEW);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<JwtOutcome> first = threads.submit(() -> bounded.verify(fresh));
            waits.await();
            isUnavailable(bounded.verify(fresh), "too many tokens wait");
            assertThat(bounded.verify(old)).isInstanceOf(JwtOutcome.Valid.class);
            go.countDown();
            assertThat(first.get()).isInstanceOf(JwtOutcome.Valid.class);
        }
        assertThat(bounded.verify(fresh)).isInstanceOf(JwtOutcome.Valid.class);
        assertThat(bounded.verify(SigningKey.ec("invented").sign(claims(issuer.url()))))
                .isInstanceOf(JwtOutcome.Invalid.class);
    }

    @Test
    void tokensThatWaitTogetherAreAnsweredByOneFetch() throws Exception {
        CountDownLatch waiting = new CountDownLatch(20);
        AtomicLong opening = new AtomicLong();
        Jwts many = builder()
                .waiting(20, wait -> {
                    opening.set(nanos.get() + wait);
                    waiting.countDown();
                    waiting.await();
                    nanos.set(opening.get());
                })
                .build();
        assertThat(many.verify(OLD.sign(claims(issuer.url())))).isInstanceOf(JwtOutcome.Valid.class);
        assertThat(many.verify(NEW.sign(claims(issuer.url())))).isInstanceOf(JwtOutcome.Invalid.class);
        issuer.publish(OLD, NEW);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JwtOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                outcomes.add(threads.submit(() -> many.verify(NEW.sign(claims(issuer.url())))));
            }
            for (Future<JwtOutcome> outcome : outcomes) {
                assertThat(outcome.get()).isInstanceOf(JwtOutcome.Valid.class);
            }
        }
        assertThat(issuer.keyRequests()).isEqualTo(3);
    }

    /** Its fetch may have read the keys before the new one was published. */
    @Test
    void aTokenThatComesDuringAFetchIsNotRefusedByIt() throws Exception {
        isValid(OLD);
        CountDownLatch fetches = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        issuer.keys(exchange -> {
            issuer.publish(OLD, NEW);
            fetches.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            LocalIssuer.text(() -> TestToken.jwks(OLD.jwk())).write(exchange);
        });
        Jwts patient = builder().timeout(Duration.ofMinutes(1)).build();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<JwtOutcome> first = threads.submit(() -> patient.verify(OLD.sign(claims(issuer.url()))));
            fetches.await();
            Future<JwtOutcome> outcome = threads.submit(() -> patient.verify(NEW.sign(claims(issuer.url()))));
            go.countDown();
            assertThat(first.get()).isInstanceOf(JwtOutcome.Valid.class);
            assertThat(outcome.get()).isInstanceOf(JwtOutcome.Valid.class);
        }
    }

    /** Otherwise a forged token would raise the alarm of an issuer that is down, and its client would come again. */
    @Test
    void aTokenWithAnUnknownKeyIsRefusedWith401AlsoWhenTheBurstIsUsedUp() throws Exception {
        isValid(OLD);
        isInvalid(NEW);
        RecordedLog.clear();
        ConnectOutcome<?> outcome = jwts.accept(NEW.sign(claims(issuer.url())), jwt -> Connect.ok(Empty.EMPTY));
        assertThat(outcome)
                .isEqualTo(Connect.refuse(401)
                        .text("invalid")
                        .because("the key of the token, by its name (kid) and algorithm (alg), is not known"));
        assertThat(RecordedLog.linesAbout("cannot be verified")).isEmpty();
    }

    @Test
    void anInterruptEndsTheWaitForAFetch() {
        Jwts interrupted = builder()
                .waiting(1, wait -> {
                    throw new InterruptedException();
                })
                .build();
        assertThat(interrupted.verify(OLD.sign(claims(issuer.url())))).isInstanceOf(JwtOutcome.Valid.class);
        assertThat(interrupted.verify(NEW.sign(claims(issuer.url())))).isInstanceOf(JwtOutcome.Invalid.class);
        isUnavailable(interrupted.verify(NEW.sign(claims(issuer.url()))), "interrupt");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void withoutAnyKeysTheIssuerIsAskedTwiceAndThenOnceInEachInterval() {
        issuer.keys(LocalIssuer.status(503));
        for (int i = 0; i < 5; i++) {
            isUnavailable(verify(OLD), "503");
        }
        assertThat(issuer.keyRequests())
                .as("each failed fetch is repeated once")
                .isEqualTo(2 * RemoteKeys.BURST);
        pass(RemoteKeys.INTERVAL);
        isUnavailable(verify(OLD), "503");
        assertThat(issuer.keyRequests()).isEqualTo(2 * RemoteKeys.BURST + 2);
    }

    static List<String> unreadableKeys() {
        return List.of(
                "null",
                "1",
                "[]",
                "{}",
                "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-999\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\"}",
                "{\"kty\":\"RSA\",\"n\":5,\"e\":\"AQAB\"}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"use\":\"sig\",\"key_ops\":[\"encrypt\"]}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"use\":\"\"}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"key_ops\":[null]}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"x5c\":[\"AAAA\"]}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"x5c\":\"AAAA\"}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"x5u\":\"a b\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}",
                "{\"kty\":\"OKP\",\"crv\":\"P-256\",\"x\":\"AAAA\"}");
    }

    @ParameterizedTest
    @MethodSource("unreadableKeys")
    void oneKeyThatCannotBeReadIsIgnoredAndTheOthersVerify(String bad) {
        RecordedLog.clear();
        issuer.keys(LocalIssuer.text(() -> "{\"keys\":[" + bad + "," + OLD.jwk().toJSONString() + "," + bad + "]}"));
        isValid(OLD);
        assertThat(RecordedLog.linesAbout("ignored")).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void theLogHasEachNewFaultOfIgnoredKeysOnceAndTheirNumberCanBeRead() {
        RecordedLog.clear();
        issuer.keys(LocalIssuer.text(
                () -> "{\"keys\":[null,{\"kty\":\"a\\nb\"}," + OLD.jwk().toJSONString() + "]}"));
        assertThat(jwts.ignoredKeys()).isZero();
        isValid(OLD);
        assertThat(jwts.ignoredKeys()).isEqualTo(2);
        pass(RemoteKeys.CACHED.plusMillis(1));
        isValid(OLD);
        assertThat(RecordedLog.linesAbout("ignored"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("2 of the keys at", "key 1 of 3"));
        issuer.keys(
                LocalIssuer.text(() -> "{\"keys\":[{\"kty\":\"b\"}," + OLD.jwk().toJSONString() + "]}"));
        pass(RemoteKeys.CACHED.plusMillis(1));
        isValid(OLD);
        assertThat(RecordedLog.linesAbout("ignored"))
                .last()
                .satisfies(line -> assertThat(line.text()).contains("1 of the keys at", "key 1 of 2"));
        assertThat(RecordedLog.linesAbout("ignored")).hasSize(2);
        issuer.publish(OLD);
        pass(RemoteKeys.CACHED.plusMillis(1));
        isValid(OLD);
        assertThat(jwts.ignoredKeys()).isZero();
    }

    @Test
    void keysOfWhichNoneCanBeReadAreAFailureSoThoseBeforeStayInUse() {
        isValid(OLD);
        issuer.keys(LocalIssuer.text(() -> "{\"keys\":[null,{\"kty\":\"EC\"}]}"));
        pass(RemoteKeys.CACHED.plusMillis(1));
        isValid(OLD);
    }

    @Test
    void theMaximumSizeOfADocumentIsAnOption() {
        String filler = " ".repeat(64 << 10);
        issuer.keys(LocalIssuer.text(() -> TestToken.jwks(OLD.jwk()) + filler));
        isUnavailable(verify(OLD), "65536 bytes");
        Jwts large = builder().maxDocumentBytes(128 << 10).build();
        assertThat(large.verify(OLD.sign(claims(issuer.url())))).isInstanceOf(JwtOutcome.Valid.class);
    }

    @Test
    void aTokenThatCannotBeValidCausesNoFetch() {
        assertThat(jwts.verify("a.b.c")).isInstanceOf(JwtOutcome.Invalid.class);
        assertThat(issuer.keyRequests()).isZero();
    }

    @Test
    void clientsThatComeTogetherWaitForOneFetch() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        issuer.keys(exchange -> {
            arrived.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            LocalIssuer.text(() -> TestToken.jwks(OLD.jwk())).write(exchange);
        });
        Jwts patient = builder().timeout(Duration.ofMinutes(1)).build();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<JwtOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                outcomes.add(threads.submit(() -> patient.verify(OLD.sign(claims(issuer.url())))));
            }
            arrived.await();
            go.countDown();
            for (Future<JwtOutcome> outcome : outcomes) {
                assertThat(outcome.get()).isInstanceOf(JwtOutcome.Valid.class);
            }
        }
        assertThat(issuer.keyRequests()).isEqualTo(1);
    }

    @Test
    void aLargeAnswerIsNotRead() {
        String filler = " ".repeat(2_000);
        issuer.keys(LocalIssuer.text(() -> TestToken.jwks(OLD.jwk()) + filler));
        Jwts small = builder().maxDocumentBytes(1_024).build();
        isUnavailable(small.verify(OLD.sign(claims(issuer.url()))), "cannot be read, in at most 1024 bytes");
    }

    @Test
    void anAnswerThatDoesNotEndIsNotAwaited() {
        issuer.keys(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                    Thread.sleep(1);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Jwts hasty = builder().timeout(Duration.ofMillis(20)).build();
        isUnavailable(hasty.verify(OLD.sign(claims(issuer.url()))), "20 ms");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 301, 302, 307, 401, 404, 500})
    void anotherStatusIsAFailure(int status) {
        issuer.keys(LocalIssuer.status(status));
        isUnavailable(verify(OLD), "status " + status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "<html>", "{\"keys\":1}"})
    void anAnswerWithoutKeysIsAFailure(String text) {
        issuer.keys(LocalIssuer.text(() -> text));
        isUnavailable(verify(OLD), "JWKS");
        issuer.publish(OLD);
        pass(RemoteKeys.INTERVAL);
        issuer.metadata(LocalIssuer.text(() -> text));
        isUnavailable(verify(OLD), "metadata");
    }

    @Test
    void metadataOfAnotherIssuerIsNotUsed() {
        issuer.metadata(LocalIssuer.text(
                () -> "{\"issuer\":\"https://evil.example.com\",\"jwks_uri\":\"" + issuer.url() + "/keys\"}"));
        isUnavailable(verify(OLD), "its issuer is not");
        assertThat(issuer.keyRequests()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://keys.example.com/", "ftp://localhost/", "file:///etc/hosts", "/keys", ""})
    void keysAreNotFetchedFromAnUnsafeAddress(String address) {
        issuer.metadata(
                LocalIssuer.text(() -> "{\"issuer\":\"" + issuer.url() + "\",\"jwks_uri\":\"" + address + "\"}"));
        isUnavailable(verify(OLD), "jwks_uri");
    }

    @Test
    void anIssuerMayEndWithASlash() {
        String slash = issuer.url() + "/";
        issuer.metadata(
                LocalIssuer.text(() -> "{\"issuer\":\"" + slash + "\",\"jwks_uri\":\"" + issuer.url() + "/keys\"}"));
        Jwts withSlash = Jwts.issuer(slash).audience(AUDIENCE).clock(() -> NOW).build();
        assertThat(withSlash.verify(OLD.sign(claims(slash)))).isInstanceOf(JwtOutcome.Valid.class);
    }

    @Test
    void keysMayHaveAnAddressOfTheirOwn() {
        issuer.metadata(LocalIssuer.status(404));
        Jwts own = Jwts.issuer("public")
                .audience(AUDIENCE)
                .clock(() -> NOW)
                .keysAt(URI.create(issuer.url() + "/keys"))
                .build();
        assertThat(own.verify(OLD.sign(claims("public")))).isInstanceOf(JwtOutcome.Valid.class);
    }

    @Test
    void anInterruptEndsTheWait() {
        Thread.currentThread().interrupt();
        isUnavailable(verify(OLD), "interrupt");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aClientIsRefusedWith503AndTheLogIsLeftToTheServer() throws Exception {
        RecordedLog.clear();
        issuer.keys(LocalIssuer.status(503));
        for (int i = 0; i < 3; i++) {
            ConnectOutcome<?> outcome = jwts.accept(OLD.sign(claims(issuer.url())), jwt -> Connect.ok(Empty.EMPTY));
            ConnectOutcome.Refused<?> refused = (ConnectOutcome.Refused<?>) outcome;
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).isEqualTo("unavailable");
            assertThat(refused.retryAfter()).contains(Duration.ofSeconds(10));
            assertThat(refused.cause())
                    .hasValueSatisfying(cause -> assertThat(cause).contains(issuer.url(), "cannot be verified"));
        }
        assertThat(RecordedLog.lines()).isEmpty();
    }
}
