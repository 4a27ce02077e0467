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

/** What {@link Names} tell each other: types 40 to 50. Each counts in one view only. */
public sealed interface NamesMessage extends Message {
    /**
     * Says who takes these messages.
     *
     * @param routes where to say it
     * @param receiver who takes them
     */
    static void route(Routes routes, Routes.Receiver<? super NamesMessage> receiver) {
        routes.add(40, Tell::read, receiver)
                .add(41, Claims::read, receiver)
                .add(42, Table::read, receiver)
                .add(43, Granted::read, receiver)
                .add(44, Freed::read, receiver)
                .add(45, Accepted::read, receiver)
                .add(46, Ask::read, receiver)
                .add(47, Held::read, receiver)
                .add(48, Denied::read, receiver)
                .add(49, Release::read, receiver)
                .add(50, Released::read, receiver);
    }

    /**
     * The view that it counts in.
     *
     * @return which
     */
    ViewId view();

    /**
     * The coordinator asks a member for what it claims.
     *
     * @param view the view
     * @param parts how many pages of it have come
     */
    record Tell(ViewId view, int parts) implements NamesMessage {
        @Override
        public int type() {
            return 40;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(parts);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Tell read(ByteReader in) throws DecodeException {
            return new Tell(Term.view(in), Texts.small(in));
        }
    }

    /**
     * What a member told: a name that one of its processes has, or a candidacy.
     *
     * @param key what it is about
     * @param process which process
     * @param wish the number of the wish at the member
     * @param since when it was granted; none for a candidate that was not
     * @param firm whether all members of an earlier view knew that it was
     */
    record Told(Key key, long process, long wish, Optional<Term> since, boolean firm) {
        private void write(ByteWriter out) {
            key.write(out);
            out.number(process).number(wish).bool(firm).bool(since.isPresent());
            since.ifPresent(term -> term.write(out));
        }

        private static Told read(ByteReader in) throws DecodeException {
            Key key = Key.read(in);
            long process = in.number();
            long wish = in.number();
            boolean firm = in.bool();
            return new Told(key, process, wish, in.bool() ? Optional.of(Term.read(in)) : Optional.empty(), firm);
        }
    }

    /**
     * A page of what a member claims.
     *
     * @param view the view
     * @param part which page, from 1
     * @param last whether it is the last page
     * @param claims what is on it
     * @param base the table that the member has: that of the view before, complete, up to a change of that number
     */
    record Claims(ViewId view, int part, boolean last, List<Told> claims, Optional<Term> base) implements NamesMessage {
        @Override
        public int type() {
            return 41;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(part).bool(last).number(claims.size());
            claims.forEach(told -> told.write(out));
            out.bool(base.isPresent());
            base.ifPresent(term -> term.write(out));
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Claims read(ByteReader in) throws DecodeException {
            ViewId view = Term.view(in);
            int part = Texts.small(in);
            boolean last = in.bool();
            List<Told> claims = new ArrayList<>();
            for (int left = in.count(6); left > 0; left--) {
                claims.add(Told.read(in));
            }
            return new Claims(view, part, last, claims, in.bool() ? Optional.of(Term.read(in)) : Optional.empty());
        }
    }

    /**
     * A row of the table, or a verdict: then there are losers.
     *
     * @param key what it is about
     * @param owner who has it; none when a verdict says so, or when the row is not in the table any more
     * @param losers who claimed it, and have it no longer
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
     * @param number of the last change that the table has
     * @param part which page, from 1
     * @param last whether it is the last page
     * @param rows what is on it
     * @param changes whether the rows are those that differ from the base that the member reported. Rows of the member and of
     *     the coordinator are never left out
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

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Table read(ByteReader in) throws DecodeException {
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
     * The coordinator's table has a new row.
     *
     * @param view the view
     * @param number of this change; grows by one with each
     * @param key what was granted
     * @param claim to whom
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

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Granted read(ByteReader in) throws DecodeException {
            return new Granted(Term.view(in), in.number(), Key.read(in), Claim.read(in));
        }
    }

    /**
     * The coordinator's table has a row no longer.
     *
     * @param view the view
     * @param number of this change; grows by one with each
     * @param key what is free
     * @param peer who had it
     * @param wish by which wish
     */
    record Freed(ViewId view, long number, Key key, Peer peer, long wish) implements NamesMessage {
        @Override
        public int type() {
            return 44;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(number));
            out.peer(peer).number(wish);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Freed read(ByteReader in) throws DecodeException {
            return new Freed(Term.view(in), in.number(), Key.read(in), in.peer(), in.number());
        }
    }

    /**
     * A member has what the coordinator told.
     *
     * @param view the view
     * @param number of the last change that it has, or is about to have
     * @param parts how many pages of a table of that number came; 0 when it has all
     */
    record Accepted(ViewId view, long number, int parts) implements NamesMessage {
        @Override
        public int type() {
            return 45;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(number).number(parts);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Accepted read(ByteReader in) throws DecodeException {
            return new Accepted(Term.view(in), in.number(), Texts.small(in));
        }
    }

    /**
     * A member wishes for something for one of its processes. To repeat it changes nothing.
     *
     * @param view the view
     * @param wish its number at the member
     * @param key what it wishes for
     * @param process for whom
     */
    record Ask(ViewId view, long wish, Key key, long process) implements NamesMessage {
        @Override
        public int type() {
            return 46;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(wish));
            out.number(process);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Ask read(ByteReader in) throws DecodeException {
            return new Ask(Term.view(in), in.number(), Key.read(in), in.number());
        }
    }

    /**
     * A wish was granted, and all members of the view know it.
     *
     * @param view the view
     * @param wish its number at the member
     */
    record Held(ViewId view, long wish) implements NamesMessage {
        @Override
        public int type() {
            return 47;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(wish);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Held read(ByteReader in) throws DecodeException {
            return new Held(Term.view(in), in.number());
        }
    }

    /**
     * A wish is not granted.
     *
     * @param view the view
     * @param wish its number at the member
     * @param owner who has what it is for; none when there are too many names
     */
    record Denied(ViewId view, long wish, Optional<Claim> owner) implements NamesMessage {
        @Override
        public int type() {
            return 48;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(wish).bool(owner.isPresent());
            owner.ifPresent(claim -> claim.write(out));
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Denied read(ByteReader in) throws DecodeException {
            return new Denied(Term.view(in), in.number(), in.bool() ? Optional.of(Claim.read(in)) : Optional.empty());
        }
    }

    /**
     * A member gives a wish up, and what was granted to it. To repeat it changes nothing.
     *
     * @param view the view
     * @param wish its number at the member
     * @param key what it was for
     */
    record Release(ViewId view, long wish, Key key) implements NamesMessage {
        @Override
        public int type() {
            return 49;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            key.write(out.number(wish));
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Release read(ByteReader in) throws DecodeException {
            return new Release(Term.view(in), in.number(), Key.read(in));
        }
    }

    /**
     * Nobody has anything by this wish any more, and all members of the view know it.
     *
     * @param view the view
     * @param wish its number at the member
     */
    record Released(ViewId view, long wish) implements NamesMessage {
        @Override
        public int type() {
            return 50;
        }

        @Override
        public void write(ByteWriter out) {
            Term.write(out, view);
            out.number(wish);
        }

        /**
         * Reads one.
         *
         * @param in its fields
         * @return the message
         * @throws DecodeException when it is none
         */
        public static Released read(ByteReader in) throws DecodeException {
            return new Released(Term.view(in), in.number());
        }
    }
}
