package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.ByteWriter;
import io.heliodor.link.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.Peer;
import io.heliodor.link.Routes;
import io.heliodor.link.ViewId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The messages between the {@link Names} of a view: types 40 to 50. Each is valid in one view only. */
public sealed interface NamesMessage extends Message {
    /**
     * Registers the receiver of these messages.
     *
     * @param routes where
     * @param receiver the receiver
     */
    static void route(Routes routes, Routes.Receiver<? super NamesMessage> receiver) {
        routes.add(40, ClaimsRequest::read, receiver)
                .add(41, Claims::read, receiver)
                .add(42, Table::read, receiver)
                .add(43, Granted::read, receiver)
                .add(44, Freed::read, receiver)
                .add(45, TableAck::read, receiver)
                .add(46, Register::read, receiver)
                .add(47, Committed::read, receiver)
                .add(48, Rejected::read, receiver)
                .add(49, Release::read, receiver)
                .add(50, Released::read, receiver);
    }

    /**
     * The view that it is valid in.
     *
     * @return its id
     */
    ViewId view();

    /**
     * The coordinator requests the claims of a member.
     *
     * @param view the view
     * @param parts how many pages of them have arrived
     */
    record ClaimsRequest(ViewId view, int parts) implements NamesMessage {
        @Override
        public int type() {
            return 40;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(parts);
        }

        static ClaimsRequest read(ByteReader in) throws DecodeException {
            return new ClaimsRequest(Term.view(in), Texts.small(in));
        }
    }

    /**
     * An entry of {@link Claims}: a name that a process of the member has, or a candidacy.
     *
     * @param key the name or election
     * @param process the process
     * @param registration the number of the registration at the member
     * @param since the term of the grant; empty for a candidate without one
     * @param committed whether all members of an earlier view had the grant
     */
    record ClaimEntry(Key key, long process, long registration, Optional<Term> since, boolean committed) {
        private void write(ByteWriter out) {
            key.write(out);
            out.number(process).number(registration).bool(committed).bool(since.isPresent());
            since.ifPresent(term -> term.write(out));
        }

        private static ClaimEntry read(ByteReader in) throws DecodeException {
            Key key = Key.read(in);
            long process = in.number();
            long registration = in.number();
            boolean committed = in.bool();
            return new ClaimEntry(
                    key, process, registration, in.bool() ? Optional.of(Term.read(in)) : Optional.empty(), committed);
        }
    }

    /**
     * A page of the claims of a member.
     *
     * @param view the view
     * @param part the number of the page, from 1
     * @param last whether it is the last page
     * @param claims the entries
     * @param base the table that the member has: that of the previous view, complete up to the change of that number
     */
    record Claims(ViewId view, int part, boolean last, List<ClaimEntry> claims, Optional<Term> base)
            implements NamesMessage {
        @Override
        public int type() {
            return 41;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(part).bool(last).number(claims.size());
            claims.forEach(entry -> entry.write(out));
            out.bool(base.isPresent());
            base.ifPresent(term -> term.write(out));
        }

        static Claims read(ByteReader in) throws DecodeException {
            ViewId view = Term.view(in);
            int part = Texts.small(in);
            boolean last = in.bool();
            List<ClaimEntry> claims = new ArrayList<>();
            for (int left = in.count(6); left > 0; left--) {
                claims.add(ClaimEntry.read(in));
            }
            return new Claims(view, part, last, claims, in.bool() ? Optional.of(Term.read(in)) : Optional.empty());
        }
    }

    /**
     * A row of the table, or a resolved conflict: then there are losers.
     *
     * @param key the name or election
     * @param owner the owner; empty if a resolver chose none, or if the row was removed
     * @param losers the claims that lost the conflict
     */
    record Row(Key key, Optional<Claim> owner, List<Claim> losers) {
        private void write(ByteWriter out) {
            key.write(out);
            out.bool(owner.isPresent());
            owner.ifPresent(claim -> claim.write(out));
            out.number(losers.size());
            losers.forEach(claim -> claim.write(out));
        }

        private static Row read(ByteReader in) throws DecodeException {
            Key key = Key.read(in);
            Optional<Claim> owner = in.bool() ? Optional.of(Claim.read(in)) : Optional.empty();
            List<Claim> losers = new ArrayList<>();
            for (int left = in.count(7); left > 0; left--) {
                losers.add(Claim.read(in));
            }
            return new Row(key, owner, losers);
        }
    }

    /**
     * A page of the coordinator's table.
     *
     * @param view the view
     * @param number the number of the last change in the table
     * @param part the number of the page, from 1
     * @param last whether it is the last page
     * @param rows the rows
     * @param changes whether only rows are sent that differ from the base that the member reported. Rows of the member and of
     *     the coordinator are always sent
     */
    record Table(ViewId view, long number, int part, boolean last, List<Row> rows, boolean changes)
            implements NamesMessage {
        @Override
        public int type() {
            return 42;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(number).number(part).bool(last).number(rows.size());
            rows.forEach(row -> row.write(out));
            out.bool(changes);
        }

        static Table read(ByteReader in) throws DecodeException {
            ViewId view = Term.view(in);
            long number = in.number();
            int part = Texts.small(in);
            boolean last = in.bool();
            List<Row> rows = new ArrayList<>();
            for (int left = in.count(4); left > 0; left--) {
                rows.add(Row.read(in));
            }
            return new Table(view, number, part, last, rows, in.bool());
        }
    }

    /**
     * The coordinator added a row to its table.
     *
     * @param view the view
     * @param number the number of this change; grows by one with each
     * @param key the name or election
     * @param claim the claim that was granted
     */
    record Granted(ViewId view, long number, Key key, Claim claim) implements NamesMessage {
        @Override
        public int type() {
            return 43;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(number));
            claim.write(out);
        }

        static Granted read(ByteReader in) throws DecodeException {
            return new Granted(Term.view(in), in.number(), Key.read(in), Claim.read(in));
        }
    }

    /**
     * The coordinator removed a row from its table.
     *
     * @param view the view
     * @param number the number of this change; grows by one with each
     * @param key the name or election
     * @param peer the former owner
     * @param registration the number of its registration
     */
    record Freed(ViewId view, long number, Key key, Peer peer, long registration) implements NamesMessage {
        @Override
        public int type() {
            return 44;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(number));
            out.peer(peer).number(registration);
        }

        static Freed read(ByteReader in) throws DecodeException {
            return new Freed(Term.view(in), in.number(), Key.read(in), in.peer(), in.number());
        }
    }

    /**
     * A member confirms pages of the table, or changes of it.
     *
     * @param view the view
     * @param number the last change that it has, or will have with the last page
     * @param parts how many pages of the table of that number arrived; 0 if all did
     */
    record TableAck(ViewId view, long number, int parts) implements NamesMessage {
        @Override
        public int type() {
            return 45;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(number).number(parts);
        }

        static TableAck read(ByteReader in) throws DecodeException {
            return new TableAck(Term.view(in), in.number(), Texts.small(in));
        }
    }

    /**
     * A member requests a name, or enters an election, for one of its processes. Idempotent.
     *
     * @param view the view
     * @param registration its number at the member
     * @param key the name or election
     * @param process the process
     */
    record Register(ViewId view, long registration, Key key, long process) implements NamesMessage {
        @Override
        public int type() {
            return 46;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(registration));
            out.number(process);
        }

        static Register read(ByteReader in) throws DecodeException {
            return new Register(Term.view(in), in.number(), Key.read(in), in.number());
        }
    }

    /**
     * A registration was granted, and all members of the view have the grant.
     *
     * @param view the view
     * @param registration its number at the member
     */
    record Committed(ViewId view, long registration) implements NamesMessage {
        @Override
        public int type() {
            return 47;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(registration);
        }

        static Committed read(ByteReader in) throws DecodeException {
            return new Committed(Term.view(in), in.number());
        }
    }

    /**
     * A registration was not granted.
     *
     * @param view the view
     * @param registration its number at the member
     * @param owner the owner of the name; empty if the limit of names is reached
     */
    record Rejected(ViewId view, long registration, Optional<Claim> owner) implements NamesMessage {
        @Override
        public int type() {
            return 48;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(registration).bool(owner.isPresent());
            owner.ifPresent(claim -> claim.write(out));
        }

        static Rejected read(ByteReader in) throws DecodeException {
            return new Rejected(Term.view(in), in.number(), in.bool() ? Optional.of(Claim.read(in)) : Optional.empty());
        }
    }

    /**
     * A member withdraws a registration, and gives up its grant. Idempotent.
     *
     * @param view the view
     * @param registration its number at the member
     * @param key the name or election
     */
    record Release(ViewId view, long registration, Key key) implements NamesMessage {
        @Override
        public int type() {
            return 49;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(registration));
        }

        static Release read(ByteReader in) throws DecodeException {
            return new Release(Term.view(in), in.number(), Key.read(in));
        }
    }

    /**
     * A withdrawn registration has no grant any more, and all members of the view know it.
     *
     * @param view the view
     * @param registration its number at the member
     */
    record Released(ViewId view, long registration) implements NamesMessage {
        @Override
        public int type() {
            return 50;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(registration);
        }

        static Released read(ByteReader in) throws DecodeException {
            return new Released(Term.view(in), in.number());
        }
    }
}
