package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each rule of a log. Nodes a, b and c have the streams 1, 2 and 3. */
class TopicLogTests {
    private static final long AGE = 1_000_000_000_000L;
    private static final int PART = 1 << 20;

    private final List<Dot> missed = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final List<Dot> lost = new ArrayList<>();
    private final List<TopicLog<String>> logs = new ArrayList<>();
    private final TopicLog<String> a = log(1, 10);
    private final TopicLog<String> b = log(2, 10);
    private final TopicLog<String> c = log(3, 10);
    private long now = 5;

    private long bytes;
    private int evicted;
    private int tooLong;
    private int forgotten;

    private final class Counting implements LogListener<String> {
        @Override
        public int bytes(HistoryMessage<String> message) {
            return message.content().length();
        }

        @Override
        public int bytes(LogEntry<String> entry) {
            return entry.content().length();
        }

        @Override
        public void grew(long by) {
            bytes += by;
        }

        @Override
        public void waitingGrew(long by) {
            bytes += by;
        }

        @Override
        public void kept(LogEntry<String> entry) {}

        @Override
        public void dropped(String content) {
            dropped.add(content);
        }

        @Override
        public void tokenTooLong() {
            tooLong++;
        }

        @Override
        public void streamForgotten() {
            forgotten++;
        }

        @Override
        public void evicted() {
            evicted++;
        }

        @Override
        public void givenUp(Dot last, Dot after) {
            missed.add(last);
        }

        @Override
        public void lost(Dot dot) {
            lost.add(dot);
        }
    }

    private TopicLog<String> log(long stream, int messages) {
        return begun(log(stream, "node " + stream, LogLimits.of(messages, 1_000, AGE)));
    }

    /** A log that has not begun. The streams after its first one have greater ids than those of the other logs. */
    private TopicLog<String> log(long stream, String node, LogLimits limits) {
        AtomicLong ids = new AtomicLong(stream);
        TopicLog<String> log =
                new TopicLog<>(() -> ids.getAndAdd(1_000), new LogLocation(node, 0), limits, new Counting());
        logs.add(log);
        return log;
    }

    @AfterEach
    void invariantsHold() {
        logs.forEach(TopicLog::checkInvariants);
    }

    private static TopicLog<String> begun(TopicLog<String> log) {
        log.begun();
        return log;
    }

    private HistoryMessage<String> publish(TopicLog<String> log, String text) {
        return log.publish(text, now).kept().orElseThrow().message(now);
    }

    private List<String> receive(TopicLog<String> log, HistoryMessage<String> message) {
        List<String> delivered = texts(log.received(message, now));
        invariantsHold();
        return delivered;
    }

    private static String token(Delivery<String> delivery) {
        return delivery.token(VersionVector.NONE, !delivery.gap().isEmpty()).orElseThrow();
    }

    private static List<String> texts(Collection<Delivery<String>> deliveries) {
        return deliveries.stream().map(Delivery::content).toList();
    }

    private CatchUpResponse<String> answer(TopicLog<String> from, TopicLog<String> to) {
        return from.respond(to.request(Optional.empty()), PART, now);
    }

    private List<String> catchUp(TopicLog<String> log, TopicLog<String> with) {
        List<String> delivered = texts(log.merge(answer(with, log), now));
        invariantsHold();
        return delivered;
    }

    private List<String> missedBy(TopicLog<String> log, String token) {
        ResumeResult<String> resumed = log.resume(ResumeToken.of(token), now);
        assertThat(resumed.recovered()).isTrue();
        return resumed.missed().stream().map(each -> each.kept().content()).toList();
    }

    @Test
    void messagesOfAStreamAreDeliveredInTheirOrderAndOnce() {
        HistoryMessage<String> first = publish(a, "first");
        HistoryMessage<String> second = publish(a, "second");
        assertThat(receive(b, second)).isEmpty();
        assertThat(receive(b, first)).containsExactly("first", "second");
        assertThat(receive(b, first)).isEmpty();
        assertThat(receive(b, second)).isEmpty();
    }

    @Test
    void aReplyIsDeliveredAfterItsRequest() {
        HistoryMessage<String> question = publish(a, "question");
        receive(b, question);
        HistoryMessage<String> answer = publish(b, "answer");
        assertThat(receive(c, answer)).isEmpty();
        assertThat(c.heldOwner(_ -> true)).isEmpty(); // it has sent no request yet
        answer(c, b);
        assertThat(c.heldOwner(_ -> true)).contains("node 2");
        assertThat(catchUp(c, b)).containsExactly("question", "answer");
    }

    @Test
    void aMessageThatIsNotKeptKeepsItsPlaceOrIsDropped() {
        HistoryMessage<String> first = publish(a, "first");
        HistoryMessage<String> typing = new HistoryMessage<>(a.unkeptStamp(), "typing", 0);
        HistoryMessage<String> second = publish(a, "second");
        assertThat(receive(b, typing)).isEmpty();
        assertThat(receive(b, first)).containsExactly("first", "typing");
        receive(c, first);
        receive(c, second);
        assertThat(receive(c, typing)).isEmpty();
    }

    @Test
    void aMessageThatNoLogKeepsIsPassedAndReported() {
        TopicLog<String> small = log(4, 2);
        for (int i = 1; i <= 5; i++) {
            publish(small, "message " + i);
        }
        CatchUpResponse<String> answer = answer(small, b);
        assertThat(b.merge(answer, now)).isEmpty();
        List<Delivery<String>> delivered = b.giveUpMissing(List.of(answer), now);
        assertThat(texts(delivered)).containsExactly("message 4", "message 5");
        assertThat(token(delivered.getFirst())).endsWith(ResumeToken.GAP);
        assertThat(token(delivered.getLast())).doesNotContain(ResumeToken.GAP);
        assertThat(missed).containsExactly(new Dot(4, 3));
    }

    /** It recovers by its token, which is not below the floors, or begins anew. */
    @Test
    void aMemberThatJoinsAfterMessagesWereSkippedGetsNoMarkOfThem() {
        publish(a, "message");
        now += AGE;
        a.expire(now);
        CatchUpResponse<String> answer = answer(a, b);
        assertThat(b.merge(answer, now)).isEmpty();
        assertThat(b.giveUpMissing(List.of(answer), now)).isEmpty();
        assertThat(b.resume(Optional.of(a.token()), now).recovered()).isTrue();
        VersionVector has = b.skipped();
        Delivery<String> next = b.publish("next", now);
        assertThat(next.gap().isFor(VersionVector.NONE)).isTrue();
        assertThat(next.gap().isFor(has)).isFalse();
        assertThat(next.rest(has).size()).isZero();
        assertThat(b.publish("last", now).gap().isEmpty()).isTrue();
    }

    /** It had them before: its token names them. */
    @Test
    void aMemberThatHasSkippedMessagesGetsNoMarkOfThem() {
        publish(a, "first");
        publish(a, "second");
        ResumeToken first = ResumeToken.of(new ResumeToken(VersionVector.NONE.with(1, 1)).text())
                .orElseThrow();
        ResumeToken both = a.token();
        now += AGE;
        a.expire(now);
        CatchUpResponse<String> answer = answer(a, b);
        assertThat(b.merge(answer, now)).isEmpty();
        VersionVector hasFirst = b.resume(Optional.of(first), now).ahead();
        VersionVector hasBoth = b.resume(Optional.of(both), now).ahead();
        assertThat(b.giveUpMissing(List.of(answer), now)).isEmpty();
        Delivery<String> next = b.publish("next", now);
        assertThat(next.gap().isFor(hasFirst)).isTrue();
        assertThat(next.gap().isFor(hasBoth)).isFalse();
    }

    /** Others find out by the floor whether they lack them. */
    @Test
    void aMemberThatJoinsAfterWaitingMessagesExpiredGetsNoMark() {
        publish(a, "lost");
        HistoryMessage<String> message = publish(a, "message");
        receive(b, message);
        now += AGE;
        assertThat(b.expireWaiting(now)).isEmpty();
        assertThat(b.resume(ResumeToken.of(new ResumeToken(VersionVector.NONE.with(1, 1)).text()), now)
                        .recovered())
                .isFalse();
        assertThat(b.resume(Optional.of(a.token()), now).recovered()).isTrue();
        VersionVector has = b.skipped();
        assertThat(b.publish("next", now).gap().isFor(has)).isFalse();
    }

    /** Without them it would wait for ever, and what waits for it would be given up out of order. */
    @Test
    void aMessageIsDeliveredWhenThoseBeforeItHaveExpired() {
        publish(a, "lost");
        receive(b, publish(a, "expires"));
        now += AGE / 2;
        receive(b, publish(a, "next"));
        now += AGE / 2;
        assertThat(texts(b.expireWaiting(now))).containsExactly("next");
        assertThat(lost).containsExactly(new Dot(1, 2));
    }

    @Test
    void allGapsOfAStreamArePassedAtOnce() {
        TopicLog<String> small = log(4, 1);
        for (int i = 1; i <= 7; i++) {
            HistoryMessage<String> message = publish(small, "message " + i);
            if (i == 2 || i == 4) {
                receive(b, message);
            }
        }
        CatchUpResponse<String> answer = answer(small, b);
        assertThat(b.merge(answer, now)).isEmpty();
        List<Delivery<String>> delivered = b.giveUpMissing(List.of(answer), now);
        assertThat(texts(delivered)).containsExactly("message 2", "message 4", "message 7");
        assertThat(delivered).noneMatch(delivery -> delivery.gap().isEmpty());
        assertThat(missed).containsExactly(new Dot(4, 1), new Dot(4, 3), new Dot(4, 6));
    }

    @Test
    void aMessageThatALogKeepsIsNotPassed() {
        publish(a, "first");
        HistoryMessage<String> second = publish(a, "second");
        receive(b, second);
        CatchUpResponse<String> answer = answer(a, b);
        CatchUpResponse<String> empty = new CatchUpResponse<>(answer.streams(), answer.own(), List.of(), false);
        assertThat(b.giveUpMissing(List.of(empty), now)).isEmpty();
        assertThat(b.position().get(1)).isZero();
        assertThat(catchUp(b, a)).containsExactly("first", "second");
    }

    @Test
    void laterMessagesOfAStreamWaitForTheirPredecessors() {
        publish(a, "first");
        HistoryMessage<String> second = publish(a, "second");
        receive(b, second);
        assertThat(b.giveUpMissing(List.of(), now)).isEmpty();
        assertThat(b.endWaits(now + HeldMessages.UNKEPT_TIMEOUT)).isEmpty();
        assertThat(b.lacksMessages()).isTrue();
        assertThat(b.publish("next", now).gap().isEmpty()).isTrue();
        assertThat(catchUp(b, a)).containsExactly("first", "second");
    }

    @Test
    void aMessageWaitsForItsPredecessorUntilALogComesThatHasBoth() {
        HistoryMessage<String> question = publish(a, "question");
        receive(b, question);
        HistoryMessage<String> answer = publish(b, "answer");
        receive(c, answer);
        // A split cuts off nodes a and b: none that responds has delivered it.
        TopicLog<String> other = log(4, 10);
        assertThat(c.giveUpMissing(List.of(answer(other, c)), now)).isEmpty();
        assertThat(c.endWaits(now + AGE - 1)).isEmpty();
        assertThat(catchUp(c, b)).containsExactly("question", "answer");
        assertThat(missed).isEmpty();
    }

    @Test
    void aMessageThatAnotherLogDeliveredWithoutItsPredecessorIsDeliveredSoHereToo() {
        HistoryMessage<String> question = publish(a, "question");
        receive(b, question);
        HistoryMessage<String> answer = publish(b, "answer");
        receive(c, answer);
        CatchUpResponse<String> forgetful = new CatchUpResponse<>(
                List.of(new CatchUpResponse.Stream(2, 1, 0, Optional.empty())), 4, List.of(), false);
        CatchUpResponse<String> unfinished = new CatchUpResponse<>(forgetful.streams(), 4, List.of(), true);
        assertThat(c.giveUpMissing(List.of(unfinished), now)).isEmpty();
        assertThat(texts(c.giveUpMissing(List.of(forgetful), now))).containsExactly("answer");
        assertThat(missed).containsExactly(question.dot());
        assertThat(receive(c, question)).containsExactly("question");
    }

    @Test
    void aWaitingMessageIsDeliveredAfterTheOneThatItWaitsFor() {
        HistoryMessage<String> first =
                new HistoryMessage<>(new CausalStamp(new Dot(1, 1), true, List.of(new Dot(4, 1))), "question", 0);
        HistoryMessage<String> second =
                new HistoryMessage<>(new CausalStamp(new Dot(0, 1), true, List.of(new Dot(1, 1))), "answer", 0);
        receive(c, second);
        receive(c, first);
        CatchUpResponse<String> both = new CatchUpResponse<>(
                List.of(
                        new CatchUpResponse.Stream(0, 1, 0, Optional.empty()),
                        new CatchUpResponse.Stream(1, 1, 0, Optional.empty())),
                9,
                List.of(),
                false);
        assertThat(texts(c.giveUpMissing(List.of(both), now))).containsExactly("question", "answer");
    }

    @Test
    void aMessageThatHasWaitedForAnAgeIsDroppedAndReported() {
        publish(a, "first");
        HistoryMessage<String> second = publish(a, "second");
        receive(b, second);
        now += AGE - 1;
        assertThat(b.expireWaiting(now)).isEmpty();
        assertThat(b.lacksMessages()).isTrue();
        assertThat(b.expireWaiting(++now)).isEmpty();
        assertThat(b.lacksMessages()).isFalse();
        assertThat(lost).containsExactly(second.dot());
        assertThat(b.publish("next", now).gap().isEmpty()).isFalse();
    }

    @Test
    void aMessageThatIsNotKeptWaitsBrieflyForEarlierOnesOfOtherNodes() {
        receive(b, publish(a, "question"));
        HistoryMessage<String> typing = new HistoryMessage<>(b.unkeptStamp(), "typing", 0);
        assertThat(receive(c, typing)).isEmpty();
        assertThat(c.endWaits(now + HeldMessages.UNKEPT_TIMEOUT - 1)).isEmpty();
        assertThat(texts(c.endWaits(now + HeldMessages.UNKEPT_TIMEOUT))).containsExactly("typing");
        publish(b, "kept");
        receive(c, new HistoryMessage<>(b.unkeptStamp(), "after what was missed", 0));
        assertThat(c.endWaits(now + HeldMessages.UNKEPT_TIMEOUT)).isEmpty();
        assertThat(c.lacksMessages()).isFalse();
    }

    @Test
    void aLogThatBeginsDropsAWaitingMessageBelowTheFloorOfAResponse() {
        TopicLog<String> late = log(4, "late", LogLimits.of(10, 1_000, AGE));
        publish(a, "first");
        receive(late, new HistoryMessage<>(a.unkeptStamp(), "typing", 0));
        publish(a, "second");
        now += AGE;
        assertThat(catchUp(late, a)).isEmpty();
        assertThat(late.lacksMessages()).isFalse();
    }

    @Test
    void aLongLogIsSentInParts() {
        for (int i = 0; i < 8; i++) {
            publish(a, "message " + i);
        }
        List<String> all = new ArrayList<>();
        Optional<Dot> after = Optional.empty();
        int parts = 0;
        do {
            CatchUpResponse<String> answer = a.respond(b.request(after), 20, now);
            all.addAll(texts(b.merge(answer, now)));
            after = answer.more() ? Optional.of(answer.messages().getLast().dot()) : Optional.empty();
            parts++;
        } while (after.isPresent());
        assertThat(all).hasSize(8);
        assertThat(parts).isEqualTo(4);
    }

    /** Its position is that of before, which would bring the same part. */
    @Test
    void aLogThatHoldsAPartGetsTheNextOne() {
        for (int i = 0; i < 8; i++) {
            publish(a, "message " + i);
        }
        Dot last = a.respond(b.request(Optional.empty()), 20, now)
                .messages()
                .getLast()
                .dot();
        CatchUpResponse<String> next = a.respond(b.request(Optional.of(last)), 20, now);
        assertThat(next.messages().getFirst().dot()).isEqualTo(new Dot(last.stream(), last.counter() + 1));
    }

    @Test
    void aMemberRecoversAtAnyNode() {
        String token = token(a.publish("first", now));
        publish(a, "second");
        catchUp(b, a);
        publish(b, "third");
        assertThat(missedBy(b, token)).containsExactly("second", "third");
        assertThat(missedBy(a, token)).containsExactly("second");
        catchUp(a, b);
        assertThat(missedBy(a, token)).containsExactly("second", "third");
    }

    @Test
    void theTokenOfARecoveredMemberNeverGoesBack() {
        HistoryMessage<String> ofA = publish(a, "of a");
        String token = token(b.publish("of b", now));
        receive(b, ofA);
        catchUp(a, b);
        // At a the order was another one: the stored token of "of a" has nothing of b.
        ResumeResult<String> resumed = a.resume(ResumeToken.of(token), now);
        assertThat(resumed.missed()).hasSize(1);
        VersionVector after = resumed.missed().getFirst().token().named();
        assertThat(after.get(1)).isEqualTo(1);
        assertThat(after.get(2)).isEqualTo(1);
        assertThat(resumed.token()).isEqualTo(token);
    }

    @Test
    void aMemberMayHaveMessagesThatItsNodeLacks() {
        b.merge(answer(a, b), now);
        String token = token(a.publish("died with a", now));
        assertThat(b.isAhead(ResumeToken.of(token).orElseThrow())).isTrue();
        ResumeResult<String> resumed = b.resume(ResumeToken.of(token), now);
        assertThat(resumed.recovered()).isTrue();
        assertThat(resumed.ahead().get(1)).isEqualTo(1);
    }

    @Test
    void aTokenThatNamesAnUnknownStreamRecoversNothing() {
        String token = token(a.publish("first", now));
        assertThat(b.resume(ResumeToken.of(token), now).recovered()).isFalse();
        assertThat(b.resume(Optional.empty(), now).recovered()).isFalse();
    }

    @Test
    void aTokenOlderThanTheKeptMessagesRecoversNothing() {
        TopicLog<String> small = log(4, 2);
        String first = token(small.publish("1", now));
        String second = token(small.publish("2", now));
        publish(small, "3");
        publish(small, "4");
        assertThat(small.resume(ResumeToken.of(first), now).recovered()).isFalse();
        assertThat(missedBy(small, second)).containsExactly("3", "4");
    }

    @Test
    void theNumberOfMessagesCountsForEachStream() {
        TopicLog<String> small = log(4, 2);
        publish(a, "of a");
        catchUp(small, a);
        for (int i = 0; i < 5; i++) {
            publish(small, "busy " + i);
        }
        assertThat(small.kept()).extracting(LogEntry::content).containsExactly("of a", "busy 3", "busy 4");
    }

    @Test
    void theBytesCountForAllStreams() {
        publish(a, "x".repeat(600));
        publish(a, "y".repeat(600));
        assertThat(a.kept()).hasSize(1);
        assertThat(a.bytes()).isEqualTo(600);
    }

    @Test
    void theListenerIsNotifiedOfHeldKeptAndDroppedMessages() {
        TopicLog<String> small = log(4, 2);
        HistoryMessage<String> first = publish(a, "first");
        HistoryMessage<String> second = publish(a, "second");
        bytes = 0;
        receive(small, second);
        assertThat(bytes).isEqualTo("second".length());
        receive(small, first);
        assertThat(bytes).isEqualTo("firstsecond".length());
        publish(small, "third");
        small.shrink(now);
        assertThat(dropped).containsExactly("first", "second");
        assertThat(bytes).isEqualTo(small.bytes()).isEqualTo("third".length());
        small.clear();
        assertThat(bytes).isZero();
    }

    @Test
    void aTokenOfAnEmptyLogIsNotRecoveredByALaterLog() {
        String token = a.token().text();
        TopicLog<String> next = log(9, 10);
        publish(next, "after messages that are gone");
        assertThat(next.isAhead(ResumeToken.of(token).orElseThrow())).isTrue();
        assertThat(next.resume(ResumeToken.of(token), now).recovered()).isFalse();
        publish(a, "first");
        assertThat(missedBy(a, token)).containsExactly("first");
        catchUp(b, a);
        assertThat(missedBy(b, token)).containsExactly("first");
    }

    @Test
    void aMessageThatIsLargerThanAPartIsAPart() {
        publish(a, "small");
        publish(a, "x".repeat(100));
        CatchUpResponse<String> first = a.respond(b.request(Optional.empty()), 20, now);
        assertThat(first.messages()).hasSize(1);
        assertThat(first.more()).isTrue();
        assertThat(texts(b.merge(first, now))).containsExactly("small");
        CatchUpResponse<String> second = a.respond(
                b.request(Optional.of(first.messages().getFirst().stamp().dot())), 20, now);
        assertThat(second.more()).isFalse();
        assertThat(texts(b.merge(second, now))).containsExactly("x".repeat(100));
    }

    @Test
    void aMessageLargerThanAnyResponseIsNotKept() {
        TopicLog<String> large = log(6, "node 6", LogLimits.of(10, 1 << 30, AGE));
        large.begun();
        publish(large, "before");
        String token = large.token().text();
        Delivery<String> delivery = large.publish("x".repeat(LogEntries.MAX_MESSAGE_BYTES + 1), now);
        assertThat(delivery.kept()).isPresent();
        assertThat(large.kept()).isEmpty();
        assertThat(large.resume(ResumeToken.of(token), now).recovered()).isFalse();
        publish(large, "after");
        CatchUpResponse<String> answer = answer(large, b);
        b.merge(answer, now);
        List<Delivery<String>> delivered = b.giveUpMissing(List.of(answer), now);
        assertThat(texts(delivered)).containsExactly("after");
        assertThat(delivered.getFirst().gap().isEmpty()).isFalse();
    }

    @Test
    void heldMessagesAreDroppedAfterKeptOnes() {
        receive(b, publish(c, "kept"));
        publish(a, "first");
        receive(b, publish(a, "second"));
        assertThat(b.shrink(now)).isTrue();
        assertThat(b.kept()).isEmpty();
        assertThat(b.bytes()).isPositive();
        assertThat(b.shrink(now)).isTrue();
        assertThat(b.bytes()).isZero();
        assertThat(b.shrink(now)).isFalse();
        assertThat(catchUp(b, a)).containsExactly("first", "second");
    }

    // Held messages.

    private static LogLimits holding(int bytes) {
        return new LogLimits(100, 10_000, AGE, bytes, LogLimits.RETIRED, LogLimits.TOKEN_LENGTH);
    }

    private List<HistoryMessage<String>> publish(TopicLog<String> log, int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> publish(log, "message " + i))
                .toList();
    }

    @Test
    void theLastOfManyWaitingMessagesAreDroppedAndFetchedAgain() {
        TopicLog<String> large = log(4, 100);
        TopicLog<String> small = begun(log(5, "node 5", holding(30)));
        List<HistoryMessage<String>> all = publish(large, 1, 9);
        all.subList(1, 9).forEach(message -> receive(small, message));
        assertThat(small.bytes()).isEqualTo("message 2message 3message 4".length());
        assertThat(evicted).isEqualTo(5);
        assertThat(receive(small, all.getFirst())).containsExactly("message 1", "message 2", "message 3", "message 4");
        assertThat(small.bytes()).isEqualTo(4L * "message 1".length());
        assertThat(small.lacksMessages()).isTrue();
        assertThat(small.lacks(since -> since == now)).isTrue();
        assertThat(catchUp(small, large))
                .containsExactly("message 5", "message 6", "message 7", "message 8", "message 9");
        assertThat(small.lacksMessages()).isFalse();
    }

    @Test
    void earlierMessagesReplaceLaterOnesThatWait() {
        TopicLog<String> small = begun(log(5, "node 5", holding(30)));
        List<HistoryMessage<String>> all = publish(a, 1, 9);
        all.reversed().subList(0, 8).forEach(message -> receive(small, message));
        assertThat(receive(small, all.getFirst())).containsExactly("message 1", "message 2", "message 3", "message 4");
    }

    @Test
    void theFirstWaitingMessageOfEachStreamStays() {
        TopicLog<String> small = begun(log(5, "node 5", holding(10)));
        publish(a, 1, 3).subList(1, 3).forEach(message -> receive(small, message));
        publish(c, 4, 6).subList(1, 3).forEach(message -> receive(small, message));
        assertThat(small.bytes()).isEqualTo("message 2message 5".length());
    }

    @Test
    void aMissingMessageIsGivenUpThoughLaterOnesWereDropped() {
        TopicLog<String> keepsFive = log(4, 5);
        TopicLog<String> small = begun(log(5, "node 5", holding(10)));
        publish(keepsFive, 1, 9).subList(1, 9).forEach(message -> receive(small, message));
        CatchUpResponse<String> answer = answer(keepsFive, small);
        small.beginRound();
        assertThat(texts(small.merge(answer, now))).isEmpty();
        assertThat(texts(small.giveUpMissing(List.of(answer), now))).containsExactly("message 2");
        assertThat(small.lacksMessages()).isTrue();
        assertThat(catchUp(small, keepsFive)).hasSize(5).startsWith("message 5");
        assertThat(small.lacksMessages()).isFalse();
    }

    @Test
    void aPredecessorThatWasDroppedInTheRoundIsNotGivenUp() {
        TopicLog<String> small = begun(log(5, "node 5", holding(10)));
        List<HistoryMessage<String>> questions = publish(a, 1, 3);
        questions.forEach(message -> receive(b, message));
        receive(small, publish(b, "answer"));
        small.beginRound();
        questions.subList(1, 3).forEach(message -> receive(small, message));
        CatchUpResponse<String> ofB = answer(b, small);
        CatchUpResponse<String> withoutMessages = new CatchUpResponse<>(ofB.streams(), ofB.own(), List.of(), false);
        assertThat(texts(small.giveUpMissing(List.of(withoutMessages), now))).isEmpty();
        small.beginRound();
        assertThat(catchUp(small, b)).containsExactly("message 1", "message 2", "message 3", "answer");
        assertThat(missed).isEmpty();
    }

    @Test
    void droppedMessagesThatNobodyHasAreReportedAfterAnAge() {
        TopicLog<String> small = begun(log(5, "node 5", holding(10)));
        publish(a, 1, 3).subList(1, 3).forEach(message -> receive(small, message));
        assertThat(small.shrink(now)).isTrue();
        assertThat(small.lacksMessages()).isTrue();
        now += AGE;
        assertThat(small.expireWaiting(now)).isEmpty();
        assertThat(small.lacksMessages()).isFalse();
        assertThat(lost).containsExactly(new Dot(1, 3));
        assertThat(small.publish("next", now).gap().isEmpty()).isFalse();
    }

    // Streams that have ended.

    /** Node 1 ends, and an age passes after that. */
    private void endOfA(TopicLog<String> log) {
        log.owners(node -> !node.equals("node 1"), now);
        now += AGE;
        log.expire(now);
        log.owners(node -> !node.equals("node 1"), now);
    }

    @Test
    void aMessageRetiresStreamsThatHaveEnded() {
        publish(a, "of a");
        catchUp(b, a);
        catchUp(c, b);
        String before = token(b.publish("of b", now));
        catchUp(c, b);
        endOfA(b);
        HistoryMessage<String> later = publish(b, "later");
        assertThat(later.stamp().retired()).containsExactly(new Dot(1, 1));
        assertThat(b.position().has(1)).isFalse();
        assertThat(receive(c, later)).containsExactly("later");
        assertThat(c.position()).isEqualTo(b.position());
        assertThat(b.token().named().has(1)).isFalse();
        assertThat(missedBy(c, b.token().text())).isEmpty();
        // A client from before the message has all of the stream, or does not recover.
        assertThat(missedBy(b, before)).containsExactly("later");
        ResumeToken without = new ResumeToken(VersionVector.NONE.with(2, 1));
        assertThat(b.resume(Optional.of(without), now).recovered()).isFalse();
        assertThat(missed).isEmpty();
    }

    @Test
    void aStreamOfWhichMessagesAreKeptIsNotRetired() {
        publish(a, "of a");
        catchUp(b, a);
        b.owners("node 2"::equals, now);
        now += AGE - 1;
        assertThat(publish(b, "early").stamp().retired()).isEmpty();
        assertThat(b.shrink(now)).isTrue(); // other logs may have more memory
        assertThat(publish(b, "early too").stamp().retired()).isEmpty();
    }

    @Test
    void theTokensOfAReplayLeaveOutWhatItRetires() {
        publish(a, "of a");
        catchUp(b, a);
        String before = token(b.publish("of b", now));
        endOfA(b);
        publish(b, "later");
        ResumeResult<String> resumed = b.resume(ResumeToken.of(before), now);
        assertThat(resumed.missed().getLast().token()).isEqualTo(b.token());
    }

    @Test
    void aMessageOfARetiredStreamIsLateOrContinuesIt() {
        HistoryMessage<String> first = publish(a, "first");
        receive(b, first);
        HistoryMessage<String> second = publish(a, "second"); // beyond a split
        endOfA(b);
        publish(b, "later");
        assertThat(receive(b, first)).isEmpty();
        assertThat(b.position().has(1)).isFalse();
        assertThat(receive(b, second)).containsExactly("second");
        assertThat(missed).isEmpty();
        assertThat(missedBy(b, b.token().text())).isEmpty();
    }

    @Test
    void aTokenWithoutARetiredStreamHasItsMessages() {
        receive(b, publish(a, "first"));
        HistoryMessage<String> second = publish(a, "second");
        endOfA(b);
        String token = token(b.publish("later", now));
        receive(b, second);
        assertThat(missedBy(b, token)).containsExactly("second");
    }

    @Test
    void aLogWhoseStreamWasRetiredContinuesWithAnother() {
        receive(b, publish(a, "first"));
        endOfA(b);
        HistoryMessage<String> later = publish(b, "later");
        assertThat(receive(a, later)).containsExactly("later");
        assertThat(a.hash()).isEqualTo(b.hash());
        HistoryMessage<String> next = publish(a, "next");
        assertThat(next.dot()).isEqualTo(new Dot(1_001, 1));
        assertThat(receive(b, next)).containsExactly("next");
        assertThat(receive(b, publish(a, "and next"))).containsExactly("and next");
    }

    @Test
    void aLogWithMoreOfAStreamDoesNotRetireIt() {
        HistoryMessage<String> first = publish(a, "first");
        receive(b, first);
        receive(c, first);
        endOfA(b);
        receive(c, publish(a, "second"));
        assertThat(receive(c, publish(b, "later"))).containsExactly("later");
        assertThat(c.position().get(1)).isEqualTo(2);
        assertThat(catchUp(b, c)).containsExactly("second");
        assertThat(b.hash()).isEqualTo(c.hash());
    }

    @Test
    void whatALogLacksOfARetiredStreamIsReported() {
        publish(a, 1, 2);
        catchUp(b, a);
        endOfA(b);
        c.merge(
                new CatchUpResponse<>(
                        List.of(
                                new CatchUpResponse.Stream(1, 1, 0, Optional.empty()),
                                new CatchUpResponse.Stream(9, 0, 0, Optional.empty())),
                        9,
                        List.of(),
                        false),
                now);
        HistoryMessage<String> later = publish(b, "later");
        receive(c, later);
        List<Delivery<String>> delivered = c.giveUpMissing(List.of(answer(b, c)), now);
        assertThat(texts(delivered)).containsExactly("later");
        assertThat(delivered.getFirst().gap().isEmpty()).isFalse();
    }

    @Test
    void aStreamThatALogNeverKnewIsReportedWhenItIsRetired() {
        publish(a, "of a");
        catchUp(b, a);
        endOfA(b);
        assertThat(texts(c.received(publish(b, "first"), now))).isEmpty(); // its predecessor is missing
        List<Delivery<String>> delivered = c.giveUpMissing(List.of(answer(b, c)), now);
        assertThat(delivered.getFirst().gap().isEmpty()).isFalse();
    }

    /** The log that retires it first has delivered more of it. */
    @Test
    void twoLogsMayRetireAStreamAtATime() {
        HistoryMessage<String> first = publish(a, "first");
        receive(b, first);
        receive(c, first);
        receive(c, publish(a, "second"));
        String token = token(b.publish("of b", now));
        catchUp(c, b);
        endOfA(b);
        c.expire(now);
        c.owners("node 2"::equals, now);
        assertThat(publish(c, "of c").stamp().retired()).containsExactly(new Dot(1, 2));
        receive(c, publish(b, "next of b"));
        assertThat(c.resume(ResumeToken.of(token), now).recovered()).isFalse();
    }

    @Test
    void aMessageThatIsGivenUpRetiresItsStreams() {
        HistoryMessage<String> first = publish(a, "of a");
        receive(b, first);
        receive(c, first);
        endOfA(b);
        publish(b, "later");
        b.shrink(now);
        c.expire(now);
        c.owners("node 2"::equals, now);
        CatchUpResponse<String> answer = answer(b, c);
        c.merge(answer, now);
        c.giveUpMissing(List.of(answer), now);
        assertThat(c.position().has(1)).isFalse();
        assertThat(c.hash()).isEqualTo(b.hash());
        assertThat(receive(c, first)).isEmpty();
        assertThat(missedBy(c, b.token().text())).isEmpty();
    }

    @Test
    void aSecondRetirementKeepsMessagesThatWaitSinceTheFirst() {
        receive(b, publish(a, "first"));
        endOfA(b);
        c.merge(answer(b, c), now);
        HistoryMessage<String> question = publish(c, "question");
        receive(a, question);
        HistoryMessage<String> answer = publish(a, "answer"); // beyond a split
        publish(b, "retires");
        assertThat(receive(b, answer)).isEmpty(); // it waits for the question
        Dot retired = new Dot(1, 1);
        receive(
                b,
                new HistoryMessage<>(
                        new CausalStamp(new Dot(9, 1), true, List.of(), List.of(retired)), "retires it again", 0));
        assertThat(receive(b, question)).containsExactly("question", "answer");
    }

    @Test
    void aStreamWithoutALocationEndsWithItsMessages() {
        receive(b, publish(a, "of a"));
        b.owners(_ -> true, now);
        assertThat(publish(b, "early").stamp().retired()).isEmpty();
        now += AGE;
        b.expire(now);
        b.owners(_ -> true, now);
        assertThat(publish(b, "later").stamp().retired()).containsExactly(new Dot(1, 1));
    }

    @Test
    void retiredStreamsDoNotComeBackByAResponse() {
        publish(a, "of a");
        catchUp(b, a);
        catchUp(c, a);
        endOfA(b);
        publish(b, "later");
        assertThat(catchUp(b, c)).isEmpty();
        assertThat(b.position().has(1)).isFalse();
        assertThat(catchUp(c, b)).containsExactly("later");
        assertThat(c.position()).isEqualTo(b.position());
    }

    @Test
    void streamsThatHadNoMessageAreForgottenAnAgeAfterTheirEnd() {
        String token = a.token().text();
        catchUp(b, a);
        b.owners("node 2"::equals, now);
        assertThat(missedBy(b, token)).isEmpty();
        now += AGE;
        b.owners("node 2"::equals, now);
        assertThat(b.position().has(1)).isFalse();
    }

    @Test
    void aTokenThatIsTooLongIsReported() {
        for (int i = 0; i < 100; i++) {
            receive(b, publish(log((1L << 47) + i, 10), "of " + i));
        }
        assertThat(b.token().text()).isEqualTo("@");
        assertThat(tooLong).isBetween(10, 50);
        assertThat(a.token().isTooLong()).isFalse();
    }

    @Test
    void aTokenIsAsLongAsTheLimitsAllow() {
        TopicLog<String> small = begun(log(9, "node 9", limits(256, 20)));
        String last = token(small.publish("short", now));
        assertThat(small.resume(ResumeToken.of(last), now).recovered()).isTrue();
        receive(small, publish(a, "of a"));
        String own = publishToken(small, "of two streams, in a text of 20 characters");
        assertThat(own).isEqualTo("@1-1.9-2.0");
        receive(small, publish(log(1L << 47, 10), "of a third stream"));
        assertThat(small.token().text()).isEqualTo("@");
        assertThat(publishToken(small, "after it")).isEqualTo("@");
        assertThat(tooLong).isEqualTo(2);
        for (String each : List.of("@", "@" + ResumeToken.GAP)) {
            assertThat(ResumeToken.of(each)).isEmpty();
        }
        // A client with a token from before gets the rest, and a token that recovers nothing.
        ResumeResult<String> resumed = small.resume(ResumeToken.of(last), now);
        assertThat(resumed.recovered()).isTrue();
        assertThat(resumed.missed().getLast().token().text()).isEqualTo("@");
    }

    private String publishToken(TopicLog<String> log, String text) {
        return token(log.publish(text, now));
    }

    private static LogLimits limits(int retired, int tokenLength) {
        return new LogLimits(10, 1_000, AGE, 1_000, retired, tokenLength);
    }

    /** A token from before a stream was retired, which is forgotten since, recovers nothing. */
    @Test
    void theStreamThatWasRetiredFirstIsForgottenBeyondTheLimit() {
        TopicLog<String> log = begun(log(9, "node 9", limits(1, 1_024)));
        publish(a, "of a");
        publish(b, "of b");
        catchUp(log, a);
        catchUp(log, b);
        String withB = new ResumeToken(VersionVector.NONE.with(2, 1)).text();
        log.owners("node 2"::equals, now);
        now += AGE;
        log.expire(now);
        assertThat(publish(log, "retires a").stamp().retired()).containsExactly(new Dot(1, 1));
        String before = token(log.publish("between", now));
        String withA = new ResumeToken(VersionVector.NONE.with(1, 1).with(2, 1).with(9, 2)).text();
        assertThat(log.resume(ResumeToken.of(withA), now).recovered()).isTrue();
        assertThat(forgotten).isZero();
        log.owners("nobody"::equals, now);
        now += AGE / 2;
        assertThat(publish(log, "retires b").stamp().retired()).containsExactly(new Dot(2, 1));
        assertThat(forgotten).isOne();
        assertThat(log.resume(ResumeToken.of(withA), now).recovered()).isFalse();
        assertThat(log.resume(ResumeToken.of(withB), now).recovered())
                .as("lacks a message of a")
                .isFalse();
        assertThat(missedBy(log, before)).containsExactly("retires b");
        assertThat(missed).isEmpty();
    }

    @Test
    void theNextMessageFollowsThoseOfAStreamThatComesBackAfterItWasForgotten() {
        TopicLog<String> log = begun(log(9, "node 9", limits(1, 1_024)));
        HistoryMessage<String> first = publish(a, "first");
        HistoryMessage<String> second = publish(a, "second");
        publish(b, "of b");
        catchUp(log, a);
        catchUp(log, b);
        publish(log, "after all of them");
        catchUp(c, log);
        c.owners("node 2"::equals, now);
        now += AGE;
        c.expire(now);
        receive(log, publish(c, "retires a and the log"));
        c.owners("nobody"::equals, now);
        receive(log, publish(c, "retires b"));
        assertThat(forgotten).isPositive();
        assertThat(receive(log, second)).isEmpty();
        assertThat(receive(log, first)).containsExactly("first", "second");
        assertThat(publish(log, "next").stamp().predecessors()).contains(new Dot(1, 2));
    }

    @Test
    void aStreamEndsWhenItsOwnerHasAnother() {
        publish(a, "of a");
        catchUp(b, a);
        TopicLog<String> again = log(5, "node 1", LogLimits.of(10, 1_000, AGE));
        CatchUpResponse<String> _ = answer(b, again);
        b.owners("node 1"::equals, now);
        now += AGE;
        b.expire(now);
        assertThat(publish(b, "of b").stamp().retired()).containsExactly(new Dot(1, 1));
    }

    @Test
    void anEarlierStreamOfTheSameLocationHasEnded() {
        publish(a, "of a former log");
        TopicLog<String> again = begun(log(5, "node 1", LogLimits.of(10, 1_000, AGE)));
        catchUp(b, a);
        again.merge(answer(b, again), now);
        again.owners("node 1"::equals, now);
        now += AGE;
        again.expire(now);
        assertThat(publish(again, "of the next one").stamp().retired()).containsExactly(new Dot(1, 1));
    }

    /** A topic that lives through many restarts has positions and tokens as short as on its first day. */
    @Test
    void positionsAndTokensDoNotGrowWithThePast() {
        TopicLog<String> stays = log(1_000_000, 10);
        for (int i = 10; i < 400; i++) {
            TopicLog<String> other = log(i, "node " + i, LogLimits.of(10, 1_000, AGE));
            catchUp(other, stays);
            other.begun();
            String name = "node " + i;
            catchUp(stays, other);
            other.owners("node 1000000"::equals, now);
            receive(stays, publish(other, "of " + i));
            stays.owners(name::equals, now);
            now += AGE / 2;
            stays.expire(now);
            assertThat(stays.position().size()).isLessThan(6);
            assertThat(stays.token().text()).hasSizeLessThan(60);
            assertThat(other.position().size()).isLessThan(6);
            missed.removeIf(last -> last.stream() != 1_000_000); // what a log skips when it begins
        }
        assertThat(missed).isEmpty();
    }
}
