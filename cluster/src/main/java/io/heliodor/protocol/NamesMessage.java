package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.ViewId;
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
    static void route(MessageRoutes routes, MessageRoutes.Receiver<? super NamesMessage> receiver) {
        routes.add(40, 50, NamesMessage::read, receiver);
    }

    private static NamesMessage read(int type, BinaryReader in) throws DecodeException {
        ViewId view = ViewId.read(in);
        return switch (type) {
            case 40 -> new ClaimsRequest(view, Texts.small(in));
            case 41 ->
                new Claims(view, Texts.small(in), in.bool(), in.list(6, ClaimEntry::read), in.optional(Term::read));
            case 42 -> new Table(view, in.number(), Texts.small(in), in.bool(), in.list(4, Row::read), in.bool());
            case 43 -> new Granted(view, in.number(), Key.read(in), Claim.read(in));
            case 44 -> new Freed(view, in.number(), Key.read(in), Peer.read(in), in.number());
            case 45 -> new TableAck(view, in.number(), Texts.small(in));
            case 46 -> new Register(view, in.number(), Key.read(in), in.number());
            case 47 -> new Committed(view, in.number());
            case 48 -> new Rejected(view, in.number(), in.optional(Claim::read));
            case 49 -> new Release(view, in.number(), Key.read(in));
            case 50 -> new Released(view, in.number());
            default -> throw new DecodeException("no message about names has type " + type);
        };
    }

    @Override
    default int type() {
        return switch (this) {
            case ClaimsRequest _ -> 40;
            case Claims _ -> 41;
            case Table _ -> 42;
            case Granted _ -> 43;
            case Freed _ -> 44;
            case TableAck _ -> 45;
            case Register _ -> 46;
            case Committed _ -> 47;
            case Rejected _ -> 48;
            case Release _ -> 49;
            case Released _ -> 50;
        };
    }

    @Override
    default void write(BinaryWriter out) {
        out.object(view(), ViewId::write);
        switch (this) {
            case ClaimsRequest(var _, int parts) -> out.number(parts);
            case Claims(var _, int part, boolean last, var claims, var base) ->
                out.number(part).bool(last).list(claims, ClaimEntry::write).optional(base, Term::write);
            case Table(var _, long number, int part, boolean last, var rows, boolean changes) ->
                out.number(number)
                        .number(part)
                        .bool(last)
                        .list(rows, Row::write)
                        .bool(changes);
            case Granted(var _, long number, Key key, Claim claim) ->
                out.number(number).object(key, Key::write).object(claim, Claim::write);
            case Freed(var _, long number, Key key, Peer peer, long registration) ->
                out.number(number)
                        .object(key, Key::write)
                        .object(peer, Peer::write)
                        .number(registration);
            case TableAck(var _, long number, int parts) -> out.number(number).number(parts);
            case Register(var _, long registration, Key key, long process) ->
                out.number(registration).object(key, Key::write).number(process);
            case Committed(var _, long registration) -> out.number(registration);
            case Rejected(var _, long registration, var owner) ->
                out.number(registration).optional(owner, Claim::write);
            case Release(var _, long registration, Key key) ->
                out.number(registration).object(key, Key::write);
            case Released(var _, long registration) -> out.number(registration);
        }
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
    record ClaimsRequest(ViewId view, int parts) implements NamesMessage {}

    /**
     * An entry of {@link Claims}: a name that a process of the member has, or a candidacy.
     *
     * @param key the name or election
     * @param process the process
     * @param registration the number of the registration at the member
     * @param committed whether all members of an earlier view had the grant
     * @param since the term of the grant; empty for a candidate without one
     */
    record ClaimEntry(Key key, long process, long registration, boolean committed, Optional<Term> since) {
        private void write(BinaryWriter out) {
            out.object(key, Key::write)
                    .number(process)
                    .number(registration)
                    .bool(committed)
                    .optional(since, Term::write);
        }

        private static ClaimEntry read(BinaryReader in) throws DecodeException {
            return new ClaimEntry(Key.read(in), in.number(), in.number(), in.bool(), in.optional(Term::read));
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
            implements NamesMessage {}

    /**
     * A row of the table, or a resolved conflict: then there are losers.
     *
     * @param key the name or election
     * @param owner the owner; empty if a resolver chose none, or if the row was removed
     * @param losers the claims that lost the conflict
     */
    record Row(Key key, Optional<Claim> owner, List<Claim> losers) {
        private void write(BinaryWriter out) {
            out.object(key, Key::write).optional(owner, Claim::write).list(losers, Claim::write);
        }

        private static Row read(BinaryReader in) throws DecodeException {
            return new Row(Key.read(in), in.optional(Claim::read), in.list(7, Claim::read));
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
            implements NamesMessage {}

    /**
     * The coordinator added a row to its table.
     *
     * @param view the view
     * @param number the number of this change; grows by one with each
     * @param key the name or election
     * @param claim the claim that was granted
     */
    record Granted(ViewId view, long number, Key key, Claim claim) implements NamesMessage {}

    /**
     * The coordinator removed a row from its table.
     *
     * @param view the view
     * @param number the number of this change; grows by one with each
     * @param key the name or election
     * @param peer the former owner
     * @param registration the number of its registration
     */
    record Freed(ViewId view, long number, Key key, Peer peer, long registration) implements NamesMessage {}

    /**
     * A member confirms pages of the table, or changes of it.
     *
     * @param view the view
     * @param number the last change that it has, or will have with the last page
     * @param parts how many pages of the table of that number arrived; 0 if all did
     */
    record TableAck(ViewId view, long number, int parts) implements NamesMessage {}

    /**
     * A member requests a name, or enters an election, for one of its processes. Idempotent.
     *
     * @param view the view
     * @param registration its number at the member
     * @param key the name or election
     * @param process the process
     */
    record Register(ViewId view, long registration, Key key, long process) implements NamesMessage {}

    /**
     * A registration was granted, and all members of the view have the grant.
     *
     * @param view the view
     * @param registration its number at the member
     */
    record Committed(ViewId view, long registration) implements NamesMessage {}

    /**
     * A registration was not granted.
     *
     * @param view the view
     * @param registration its number at the member
     * @param owner the owner of the name; empty if the limit of names is reached
     */
    record Rejected(ViewId view, long registration, Optional<Claim> owner) implements NamesMessage {}

    /**
     * A member withdraws a registration, and gives up its grant. Idempotent.
     *
     * @param view the view
     * @param registration its number at the member
     * @param key the name or election
     */
    record Release(ViewId view, long registration, Key key) implements NamesMessage {}

    /**
     * A withdrawn registration has no grant any more, and all members of the view know it.
     *
     * @param view the view
     * @param registration its number at the member
     */
    record Released(ViewId view, long registration) implements NamesMessage {}
}
