package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each rule of a log. Nodes a, b and c have the streams 1, 2 and 3. */
class TopicLogTests {
    private static final long AGE = 1_000_000_000_000L;
    private static final int PART = 1 << 20;

    private final List<Dot> missed = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final List<Dot> lost = new ArrayList<>();
    private final TopicLog<String> a = log(1, 10);
    private final TopicLog<String> b = log(2, 10);
    private final TopicLog<String> c = log(3, 10);
    private long now = 5;

    private long bytes;

    private final class Counting implements LogListener<String> {
        @Override
        public int bytes(String content) {
            return content.length();
        }

        @Override
        public void grew(long by) {
            bytes += by;
        }

        @Override
        public void kept(String content) {}

        @Override
        public void dropped(String content) {
            dropped.add(content);
        }

        @Override
        public void givenUp(Dot last) {
            missed.add(last);
        }

        @Override
        public void lost(Dot dot) {
            lost.add(dot);
        }
    }

    private TopicLog<String> log(long stream, int messages) {
        TopicLog<String> log = new TopicLog<>(
                stream, new LogLocation("node " + stream, 0), new LogLimits(messages, 1_000, AGE), new Counting());
        log.begun();
        return log;
    }

    private Message<String> publish(TopicLog<String> log, String text) {
        return log.publish(text, now).kept().orElseThrow().message(now);
    }

    private List<String> receive(TopicLog<String> log, Message<String> message) {
        return texts(log.received(message, now));
    }

    private static String token(Delivery<String> delivery) {
        return delivery.token(VersionVector.NONE, delivery.gap()).orElseThrow();
    }

    private static List<String> texts(Collection<Delivery<String>> deliveries) {
        return deliveries.stream().map(Delivery::content).toList();
    }

    private CatchUpResponse<String> answer(TopicLog<String> from, TopicLog<String> to) {
        return from.respond(to.request(Optional.empty()), PART, now);
    }

    private List<String> catchUp(TopicLog<String> log, TopicLog<String> with) {
        return texts(log.merge(answer(with, log), now));
    }

    private List<String> missedBy(TopicLog<String> log, String token) {
        ResumeResult<String> resumed = log.resume(ResumeToken.of(token), now);
        assertThat(resumed.recovered()).isTrue();
        return resumed.missed().stream().map(each -> each.kept().content()).toList();
    }

    @Test
    void messagesOfAStreamAreDeliveredInTheirOrderAndOnce() {
        Message<String> first = publish(a, "first");
        Message<String> second = publish(a, "second");
        assertThat(receive(b, second)).isEmpty();
        assertThat(receive(b, first)).containsExactly("first", "second");
        assertThat(receive(b, first)).isEmpty();
        assertThat(receive(b, second)).isEmpty();
    }

    @Test
    void aReplyIsDeliveredAfterItsRequest() {
        Message<String> question = publish(a, "question");
        receive(b, question);
        Message<String> answer = publish(b, "answer");
        assertThat(receive(c, answer)).isEmpty();
        assertThat(c.heldOwner(_ -> true)).isEmpty(); // it has sent no request yet
        answer(c, b);
        assertThat(c.heldOwner(_ -> true)).contains("node 2");
        assertThat(catchUp(c, b)).containsExactly("question", "answer");
    }

    @Test
    void aMessageThatIsNotKeptKeepsItsPlaceOrIsDropped() {
        Message<String> first = publish(a, "first");
        Message<String> typing = new Message<>(a.unkeptStamp(), "typing", 0);
        Message<String> second = publish(a, "second");
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

    @Test
    void allGapsOfAStreamArePassedAtOnce() {
        TopicLog<String> small = log(4, 1);
        for (int i = 1; i <= 7; i++) {
            Message<String> message = publish(small, "message " + i);
            if (i == 2 || i == 4) {
                receive(b, message);
            }
        }
        CatchUpResponse<String> answer = answer(small, b);
        assertThat(b.merge(answer, now)).isEmpty();
        List<Delivery<String>> delivered = b.giveUpMissing(List.of(answer), now);
        assertThat(texts(delivered)).containsExactly("message 2", "message 4", "message 7");
        assertThat(delivered).allMatch(Delivery::gap);
        assertThat(missed).containsExactly(new Dot(4, 1), new Dot(4, 3), new Dot(4, 6));
    }

    @Test
    void aMessageThatALogKeepsIsNotPassed() {
        publish(a, "first");
        Message<String> second = publish(a, "second");
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
        Message<String> second = publish(a, "second");
        receive(b, second);
        assertThat(b.giveUpMissing(List.of(), now)).isEmpty();
        assertThat(b.endWaits(now + TopicLog.UNKEPT_TIMEOUT)).isEmpty();
        assertThat(b.holdsMessages()).isTrue();
        assertThat(b.publish("next", now).gap()).isFalse();
        assertThat(catchUp(b, a)).containsExactly("first", "second");
    }

    @Test
    void aMessageWaitsForItsPredecessorUntilALogComesThatHasBoth() {
        Message<String> question = publish(a, "question");
        receive(b, question);
        Message<String> answer = publish(b, "answer");
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
        Message<String> question = publish(a, "question");
        receive(b, question);
        Message<String> answer = publish(b, "answer");
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
        Message<String> first =
                new Message<>(new CausalStamp(new Dot(1, 1), true, List.of(new Dot(4, 1))), "question", 0);
        Message<String> second =
                new Message<>(new CausalStamp(new Dot(0, 1), true, List.of(new Dot(1, 1))), "answer", 0);
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
        Message<String> second = publish(a, "second");
        receive(b, second);
        now += AGE - 1;
        b.expire(now);
        assertThat(b.holdsMessages()).isTrue();
        b.expire(++now);
        assertThat(b.holdsMessages()).isFalse();
        assertThat(lost).containsExactly(second.dot());
        assertThat(b.publish("next", now).gap()).isTrue();
    }

    @Test
    void aMessageThatIsNotKeptWaitsBrieflyForEarlierOnesOfOtherNodes() {
        receive(b, publish(a, "question"));
        Message<String> typing = new Message<>(b.unkeptStamp(), "typing", 0);
        assertThat(receive(c, typing)).isEmpty();
        assertThat(c.endWaits(now + TopicLog.UNKEPT_TIMEOUT - 1)).isEmpty();
        assertThat(texts(c.endWaits(now + TopicLog.UNKEPT_TIMEOUT))).containsExactly("typing");
        publish(b, "kept");
        receive(c, new Message<>(b.unkeptStamp(), "after what was missed", 0));
        assertThat(c.endWaits(now + TopicLog.UNKEPT_TIMEOUT)).isEmpty();
        assertThat(c.holdsMessages()).isFalse();
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
        Message<String> ofA = publish(a, "of a");
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
    void streamsThatEndedAnAgeAgoAreInTheHashOfATokenAlone() {
        publish(a, "of a");
        catchUp(b, a);
        String before = token(b.publish("of b", now));
        b.owners("node 2"::equals, now);
        now += AGE;
        b.expire(now);
        String token = token(b.publish("later", now));
        assertThat(ResumeToken.of(token).orElseThrow().named().has(1)).isFalse();
        assertThat(ResumeToken.of(before).orElseThrow().named().has(1)).isTrue();
        assertThat(missedBy(b, token)).isEmpty();
        // A token without that stream and without it in its hash: its message was missed.
        assertThat(b.resume(
                                Optional.of(new ResumeToken(
                                        ResumeToken.of(token).orElseThrow().named(), 0)),
                                now)
                        .recovered())
                .isFalse();
    }

    @Test
    void aLogWithoutTheEndOfAStreamRecoversATokenWithItInTheHash() {
        publish(a, "of a");
        catchUp(b, a);
        b.owners("node 2"::equals, now);
        now += AGE;
        b.expire(now);
        String token = token(b.publish("of b", now));
        b.publish("later", now);
        TopicLog<String> begins =
                new TopicLog<>(4, new LogLocation("node 4", 0), new LogLimits(10, 1_000, AGE), new Counting());
        catchUp(begins, b);
        begins.begun();
        begins.owners(_ -> true, now); // node 1 is there again and has not responded
        assertThat(missedBy(begins, token)).containsExactly("later");
        ResumeResult<String> resumed = begins.resume(ResumeToken.of(token), now);
        ResumeToken after = resumed.missed().getLast().token();
        assertThat(missedBy(begins, after.text())).isEmpty();
        assertThat(missedBy(b, after.text())).isEmpty();
        ResumeToken without =
                new ResumeToken(ResumeToken.of(token).orElseThrow().named(), 0);
        assertThat(begins.resume(Optional.of(without), now).recovered()).isFalse();
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
        Message<String> first = publish(a, "first");
        Message<String> second = publish(a, "second");
        bytes = 0;
        receive(small, second);
        assertThat(bytes).isEqualTo("second".length());
        receive(small, first);
        assertThat(bytes).isEqualTo("firstsecond".length());
        publish(small, "third");
        small.shrink();
        assertThat(dropped).containsExactly("first", "second");
        assertThat(bytes).isEqualTo(small.bytes()).isEqualTo("third".length());
        small.clear();
        assertThat(bytes).isZero();
    }

    @Test
    void aTokenOfAnEmptyLogIsNotRecoveredByALaterLog() {
        String token = a.token(now).text();
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
    void aStreamEndsWhenItsOwnerHasAnother() {
        publish(a, "of a");
        catchUp(b, a);
        b.owners("node 1"::equals, now);
        now += AGE;
        b.expire(now);
        assertThat(b.token(now).named().has(1)).isTrue();
        TopicLog<String> again =
                new TopicLog<>(5, new LogLocation("node 1", 0), new LogLimits(10, 1_000, AGE), new Counting());
        CatchUpResponse<String> _ = answer(b, again);
        b.owners("node 1"::equals, now);
        now += AGE;
        assertThat(b.token(now).named().has(1)).isFalse();
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
        TopicLog<String> large =
                new TopicLog<>(6, new LogLocation("node 6", 0), new LogLimits(10, 1 << 30, AGE), new Counting());
        large.begun();
        publish(large, "before");
        String token = large.token(now).text();
        Delivery<String> delivery = large.publish("x".repeat(TopicLog.MAX_MESSAGE_BYTES + 1), now);
        assertThat(delivery.kept()).isPresent();
        assertThat(large.kept()).isEmpty();
        assertThat(large.resume(ResumeToken.of(token), now).recovered()).isFalse();
        publish(large, "after");
        CatchUpResponse<String> answer = answer(large, b);
        b.merge(answer, now);
        List<Delivery<String>> delivered = b.giveUpMissing(List.of(answer), now);
        assertThat(texts(delivered)).containsExactly("after");
        assertThat(delivered.getFirst().gap()).isTrue();
    }

    @Test
    void heldMessagesAreDroppedAfterKeptOnes() {
        receive(b, publish(c, "kept"));
        publish(a, "first");
        receive(b, publish(a, "second"));
        assertThat(b.shrink()).isTrue();
        assertThat(b.kept()).isEmpty();
        assertThat(b.bytes()).isPositive();
        assertThat(b.shrink()).isTrue();
        assertThat(b.bytes()).isZero();
        assertThat(b.shrink()).isFalse();
        assertThat(catchUp(b, a)).containsExactly("first", "second");
    }

    @Test
    void anEarlierStreamOfTheSameLocationHasEnded() {
        publish(a, "of a former log");
        TopicLog<String> again =
                new TopicLog<>(5, new LogLocation("node 1", 0), new LogLimits(10, 1_000, AGE), new Counting());
        again.begun();
        catchUp(b, a);
        again.merge(answer(b, again), now);
        again.owners("node 1"::equals, now);
        now += AGE;
        again.expire(now);
        assertThat(again.token(now).named().has(1)).isFalse();
    }

    @Test
    void streamsThatEndedFirstAreForgottenBeyondTheLimit() {
        for (int i = 10; i < 10 + TopicLog.MAX_STREAMS + 5; i++) {
            TopicLog<String> other = log(i, 10);
            publish(other, "x");
            catchUp(a, other);
            a.owners(_ -> false, ++now);
        }
        assertThat(a.position().size()).isEqualTo(TopicLog.MAX_STREAMS);
        assertThat(a.position().has(10)).isFalse();
        assertThat(a.position().has(10 + TopicLog.MAX_STREAMS)).isTrue();
        assertThat(a.kept()).hasSize(TopicLog.MAX_STREAMS - 1);
    }
}
