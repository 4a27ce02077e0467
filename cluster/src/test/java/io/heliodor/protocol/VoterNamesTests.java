package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import io.heliodor.protocol.VoterAnswer.Owner;
import io.heliodor.protocol.VoterCommand.Request;
import io.heliodor.protocol.VoterNames.Change;
import io.heliodor.protocol.VoterNames.Lead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class VoterNamesTests {
    private static final Peer A = new Peer("a@host", 1);
    private static final Peer B = new Peer("b@host", 2);

    private static final String BYTES = """
            010502016e066240686f73740208020b6e61c3af7665206e616d65066140686f737401ac02010101650302066240686f\
            737402066140686f73740102066140686f737401040002010101040101066240686f737402050003020101030101050b\
            02066240686f7374020802
            """;

    private final VoterNames names = new VoterNames();
    private long index;
    private long number;

    private VoterAnswer send(Peer from, VoterCommand command) throws DecodeException {
        return apply(new Request(from, ++number, command));
    }

    private VoterAnswer apply(Request request) throws DecodeException {
        VoterAnswer answer =
                VoterAnswer.of(names.apply(++index, request.toBytes()).answer());
        names.checkInvariants();
        return answer;
    }

    private VoterAnswer lookup(String name) throws DecodeException {
        return send(B, new VoterCommand.Lookup(name));
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Example
    void theBytesAreThoseOfTheWire() throws DecodeException {
        send(A, new VoterCommand.Register("naïve name", 300));
        send(B, new VoterCommand.Register("n", 8));
        send(B, new VoterCommand.Campaign("e"));
        send(A, new VoterCommand.Campaign("e"));
        lookup("n");
        assertThat(HexFormat.of().formatHex(names.snapshot())).isEqualTo(BYTES.strip());
        assertThat(VoterNames.of(names.snapshot())).isEqualTo(names);
    }

    @Example
    void aNameBelongsToTheFirstThatRegistersIt() throws DecodeException {
        assertThat(send(A, new VoterCommand.Register("n", 7))).isEqualTo(new VoterAnswer.Done());
        assertThat(send(B, new VoterCommand.Register("n", 8))).isEqualTo(new VoterAnswer.Owned(new Owner(A, 7, 1)));
        assertThat(send(A, new VoterCommand.Register("n", 7))).isEqualTo(new VoterAnswer.Done());
        assertThat(lookup("n")).isEqualTo(new VoterAnswer.Owned(new Owner(A, 7, 1)));
        assertThat(send(B, new VoterCommand.Release("n"))).isEqualTo(new VoterAnswer.Owned(new Owner(A, 7, 1)));
        assertThat(send(A, new VoterCommand.Release("n"))).isEqualTo(new VoterAnswer.Done());
        assertThat(send(A, new VoterCommand.Release("n"))).isEqualTo(new VoterAnswer.NoOwner());
        assertThat(lookup("n")).isEqualTo(new VoterAnswer.NoOwner());
    }

    @Example
    void theEndOfAProcessFreesItsNamesAndNoOthers() throws DecodeException {
        send(A, new VoterCommand.Register("one", 7));
        send(A, new VoterCommand.Register("two", 7));
        send(A, new VoterCommand.Register("three", 8));
        send(B, new VoterCommand.Register("four", 7));
        send(A, new VoterCommand.ProcessEnded(7));
        assertThat(names.names().keySet()).containsExactly("four", "three");
    }

    @Example
    void theNamesOfAnEvictedPeerAreFreeAndTheNextCandidateLeads() throws DecodeException {
        send(A, new VoterCommand.Register("n", 7));
        send(A, new VoterCommand.Campaign("e"));
        send(B, new VoterCommand.Campaign("e"));
        assertThat(names.leads()).containsEntry("e", new Lead(A, 2));
        var applied = names.apply(++index, new Request(B, 0, new VoterCommand.Evict(A)).toBytes());
        assertThat(applied.changes())
                .containsExactly(
                        new Change.NameChanged("n", Optional.empty()),
                        new Change.LeadChanged("e", Optional.of(new Lead(B, index))));
        assertThat(names.owners()).containsExactly(B);
    }

    @Example
    void aCandidateThatResignsAndReturnsIsTheLast() throws DecodeException {
        send(A, new VoterCommand.Campaign("e"));
        send(B, new VoterCommand.Campaign("e"));
        send(A, new VoterCommand.Resign("e"));
        send(A, new VoterCommand.Campaign("e"));
        assertThat(names.leads()).containsEntry("e", new Lead(B, 3));
        send(B, new VoterCommand.Resign("e"));
        assertThat(names.leads()).containsEntry("e", new Lead(A, 5));
        send(A, new VoterCommand.Resign("e"));
        assertThat(names.leads()).isEmpty();
    }

    @Example
    void aRepeatedRequestGetsItsFirstAnswerAlthoughTheNameHasAnotherOwner() throws DecodeException {
        Request first = new Request(A, ++number, new VoterCommand.Register("n", 7));
        assertThat(apply(first)).isEqualTo(new VoterAnswer.Done());
        send(A, new VoterCommand.Release("n"));
        send(B, new VoterCommand.Register("n", 8));
        assertThat(apply(first)).isEqualTo(new VoterAnswer.Done());
        assertThat(names.names().get("n").peer()).isEqualTo(B);
    }

    @Example
    void aRequestOlderThanTheStoredAnswersIsNotApplied() throws DecodeException {
        Request first = new Request(A, ++number, new VoterCommand.Register("n", 7));
        apply(first);
        send(A, new VoterCommand.Release("n"));
        // Its answer is the only one that is not stored any more.
        for (int i = 1; i < VoterNames.MAX_ANSWERS; i++) {
            send(A, new VoterCommand.Release("other"));
        }
        assertThat(apply(first)).isEqualTo(new VoterAnswer.Stale());
        assertThat(names.names()).isEmpty();
    }

    @Example
    void theOldestSessionsWithoutNamesAreForgotten() throws DecodeException {
        send(A, new VoterCommand.Register("n", 7));
        for (int i = 0; i < VoterNames.MAX_SESSIONS; i++) {
            send(new Peer("c@host", i), new VoterCommand.Release("m"));
        }
        int full = names.snapshot().length;
        for (int i = 0; i < 3 * VoterNames.MAX_SESSIONS; i++) {
            send(new Peer("d@host", i), new VoterCommand.Release("m"));
        }
        assertThat(names.snapshot().length).isLessThan(full + full / 2);
        assertThat(names.names().get("n").peer()).isEqualTo(A);
        // The requests of A are still remembered, because it has a name.
        assertThat(apply(new Request(A, 1, new VoterCommand.Release("n")))).isEqualTo(new VoterAnswer.Done());
        assertThat(names.names()).isNotEmpty();
    }

    @Example
    void bytesThatAreNotACommandAreRefusedAndDoNothing() {
        byte[] before = names.snapshot();
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> names.apply(1, new byte[] {9, 9, 9}));
        assertThat(names.snapshot()).isEqualTo(before);
    }

    @Provide
    Arbitrary<List<Request>> histories() {
        Arbitrary<Peer> peers = Arbitraries.integers().between(1, 3).map(i -> new Peer("n" + i + "@host", i));
        Arbitrary<String> words = Arbitraries.of("x", "y");
        Arbitrary<Long> processes = Arbitraries.longs().between(1, 2);
        Arbitrary<VoterCommand> commands = Arbitraries.oneOf(
                Combinators.combine(words, processes).as(VoterCommand.Register::new),
                words.map(VoterCommand.Release::new),
                words.map(VoterCommand.Lookup::new),
                words.map(VoterCommand.Campaign::new),
                words.map(VoterCommand.Resign::new),
                processes.map(VoterCommand.ProcessEnded::new),
                peers.map(VoterCommand.Evict::new));
        // Few numbers: many commands are repeated, some with the number of another one.
        Arbitrary<Long> numbers = Arbitraries.longs().between(1, 60);
        return Combinators.combine(peers, numbers, commands)
                .as(Request::new)
                .list()
                .ofMaxSize(120);
    }

    private static VoterNames replay(List<Request> log) throws DecodeException {
        VoterNames state = new VoterNames();
        for (int i = 0; i < log.size(); i++) {
            state.apply(i + 1, log.get(i).toBytes());
            state.checkInvariants();
        }
        return state;
    }

    @Property(tries = 300)
    void theSameLogMakesTheSameState(@ForAll("histories") List<Request> log) throws DecodeException {
        assertThat(replay(log)).isEqualTo(replay(log));
    }

    @Property(tries = 300)
    void aSnapshotAndTheRestMakeTheSameState(@ForAll("histories") List<Request> log, @ForAll int cut)
            throws DecodeException {
        int half = log.isEmpty() ? 0 : Math.floorMod(cut, log.size());
        VoterNames state = VoterNames.of(replay(log.subList(0, half)).snapshot());
        state.checkInvariants();
        // Some commands of the snapshot are applied again, as they may be after a crash.
        for (int i = Math.max(0, half - 5); i < log.size(); i++) {
            state.apply(i + 1, log.get(i).toBytes());
        }
        assertThat(state).isEqualTo(replay(log));
    }

    @Property(tries = 300)
    void aCommandThatComesTwiceIsDoneOnce(@ForAll("histories") List<Request> log) throws DecodeException {
        VoterNames state = new VoterNames();
        long at = 0;
        for (Request request : log) {
            byte[] answer = state.apply(++at, request.toBytes()).answer();
            Map<String, Owner> owners = Map.copyOf(state.names());
            Map<String, Lead> leads = Map.copyOf(state.leads());
            VoterNames.Applied again = state.apply(++at, request.toBytes());
            assertThat(again.answer()).isEqualTo(answer);
            assertThat(again.changes()).isEmpty();
            assertThat(state.names()).isEqualTo(owners);
            assertThat(state.leads()).isEqualTo(leads);
        }
    }

    @Property(tries = 300)
    void termsGrowAndEachHasOneHolder(@ForAll("histories") List<Request> log) throws DecodeException {
        VoterNames state = new VoterNames();
        Map<String, Peer> holders = new HashMap<>();
        Map<String, Long> last = new HashMap<>();
        for (int i = 0; i < log.size(); i++) {
            state.apply(i + 1, log.get(i).toBytes());
            state.leads().forEach((election, lead) -> {
                assertThat(lead.term()).isGreaterThanOrEqualTo(last.getOrDefault(election, 0L));
                last.put(election, lead.term());
                assertThat(holders.computeIfAbsent(election + lead.term(), first -> lead.peer()))
                        .isEqualTo(lead.peer());
            });
        }
    }

    @Property(tries = 300)
    void theChangesAreComplete(@ForAll("histories") List<Request> log) throws DecodeException {
        VoterNames state = new VoterNames();
        Map<String, Owner> owners = new HashMap<>();
        Map<String, Lead> leads = new HashMap<>();
        for (int i = 0; i < log.size(); i++) {
            follow(state.apply(i + 1, log.get(i).toBytes()).changes(), owners, leads);
            assertThat(owners).isEqualTo(state.names());
            assertThat(leads).isEqualTo(state.leads());
        }
    }

    @Property(tries = 300)
    void theDifferenceOfTwoStatesLeadsFromOneToTheOther(
            @ForAll("histories") List<Request> one, @ForAll("histories") List<Request> other) throws DecodeException {
        VoterNames before = replay(one);
        VoterNames after = replay(other);
        Map<String, Owner> owners = new HashMap<>(before.names());
        Map<String, Lead> leads = new HashMap<>(before.leads());
        follow(before.changesTo(after), owners, leads);
        assertThat(owners).isEqualTo(after.names());
        assertThat(leads).isEqualTo(after.leads());
    }

    private static void follow(List<Change> changes, Map<String, Owner> owners, Map<String, Lead> leads) {
        for (Change change : new ArrayList<>(changes)) {
            switch (change) {
                case Change.NameChanged(String name, Optional<Owner> owner) ->
                    owner.ifPresentOrElse(now -> owners.put(name, now), () -> owners.remove(name));
                case Change.LeadChanged(String election, Optional<Lead> lead) ->
                    lead.ifPresentOrElse(now -> leads.put(election, now), () -> leads.remove(election));
            }
        }
    }

    @Example
    void everyCommandAndAnswerIsReadAsItWasWritten() throws DecodeException {
        for (VoterCommand command : List.of(
                new VoterCommand.Register("n", 7),
                new VoterCommand.Release("n"),
                new VoterCommand.ProcessEnded(7),
                new VoterCommand.Lookup("n"),
                new VoterCommand.Campaign("e"),
                new VoterCommand.Resign("e"),
                new VoterCommand.Evict(B))) {
            Request request = new Request(A, 3, command);
            assertThat(Request.of(request.toBytes())).isEqualTo(request);
        }
        for (VoterAnswer answer : List.of(
                new VoterAnswer.Done(),
                new VoterAnswer.Owned(new Owner(A, 7, 1)),
                new VoterAnswer.NoOwner(),
                new VoterAnswer.Full(),
                new VoterAnswer.Stale())) {
            assertThat(VoterAnswer.of(answer.toBytes())).isEqualTo(answer);
        }
    }
}
