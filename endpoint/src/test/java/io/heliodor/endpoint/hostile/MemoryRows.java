package io.heliodor.endpoint.hostile;

import java.util.List;

/** The lines of docs/reliability.md about the memory and the time that clients take from others; other tests show them. */
final class MemoryRows {
    private static final String SESSION = "channels/src/test/java/io/heliodor/session/";
    private static final String TRANSPORT = "endpoint/src/test/java/io/heliodor/transport/websocket/";

    private MemoryRows() {}

    static List<Row> rows() {
        return List.of(
                Row.shown(
                        "messages for 49 channels of a connection whose handlers block",
                        "the connection is not read until it holds half as much",
                        SESSION + "MemoryTests.java",
                        "allChannelsOfAConnectionShareItsMemory"),
                Row.shown(
                        "many connections that each hold less than their limit, and together too much",
                        "after 2 s those of the user who holds most are closed, also if each is small",
                        SESSION + "LoadShedderTests.java",
                        "theUserWhoHoldsMostByManySmallConnectionsGivesWay"),
                Row.shown(
                        "joins while memory is short",
                        "refused with `overloaded`",
                        SESSION + "MemoryTests.java",
                        "joinsAreRefusedWhileMemoryIsShort"),
                Row.shown(
                        "a join handler that does not return, on a busy topic",
                        "4 MiB of broadcasts wait for it; then the join is refused with `overloaded`",
                        SESSION + "JoinBarrierTests.java",
                        "tooManyBroadcastsRefuseTheJoin"),
                Row.shown(
                        "replies that the client does not read",
                        "they count, and the connection is not read until it holds half as much",
                        SESSION + "MemoryTests.java",
                        "unreadRepliesCount"),
                Row.shown(
                        "the beginnings of messages of 1 MiB on 20 connections",
                        "they are not read while memory is short",
                        TRANSPORT + "PartialMessagesTests.java",
                        "clientsWithPartialMessagesAreNotReadWhileMemoryIsShort"),
                Row.shown(
                        "a flood of compressed messages that inflate to more than the share of a turn",
                        "a client that sends little is read in each turn",
                        SESSION + "FairReadingTests.java",
                        "aClientThatSendsLittleIsReadMeanwhile"),
                Row.shown(
                        "the same by a client that is stopped after each message",
                        "the server holds no more of it than two reads of its socket",
                        TRANSPORT + "HeldBytesTests.java",
                        "ofAClientThatIsStoppedAfterEachMessageAtMostTwoReadsAreHeld"),
                Row.shown(
                                "payloads and metadata of many small objects, in handlers that wait, in presences and in assigns",
                                "they count as the heap that they take; those without room are refused with `overloaded`",
                                SESSION + "DecodedMemoryTests.java",
                                "aPayloadForWhichThereIsNoRoomIsRefusedAndOthersAreServed")
                        .counts("messages_overloaded"),
                Row.shown(
                                "calls that are executed once, of ids that fill the memory for them",
                                "the id that holds most gives way; one that holds less than its share is never refused",
                                "channels/src/test/java/io/heliodor/once/KeyWindowTests.java",
                                "ofManyIdsOneThatHoldsLessThanItsShareIsNeverRefused")
                        .counts("calls_once_taken"),
                Row.shown(
                                "an address that opens sessions of long polling until there are no more",
                                "its oldest ones end for those of other addresses, and it is answered 503",
                                "endpoint/src/test/java/io/heliodor/endpoint/LongPollSessionTests.java",
                                "theAddressWithMostSessionsGivesWayToOneWithLess")
                        .counts("closed_overloaded"),
                Row.shown(
                                "a user that fills the histories of many topics, with members and without",
                                "its own histories go; a user with less than its share keeps those that it began",
                                SESSION + "HistoriesTests.java",
                                "theUserWithMostTopicsWithoutMembersLosesThem")
                        .counts("histories_dropped"),
                Row.shown(
                        "clients that lose their connections again and again with large presences, which stay for a grace period",
                        "those of the id that has most end; an id with less than its share keeps its own",
                        "presence/src/test/java/io/heliodor/presence/GraceTests.java",
                        "aPartyThatHoldsLessThanItsShareIsNeverRefused"),
                Row.shown(
                        "presences with as much metadata as one may have, in all channels of a client",
                        "from a sixteenth of the memory of a connection on `track` throws",
                        SESSION + "MemoryTests.java",
                        "presencesMayTakeASixteenthOfTheMemoryOfAConnection"),
                Row.shown(
                        "300 publishers at once, each with 100 KB, while the loop stands still",
                        "they wait before they encode: at most 12 MiB are encoded",
                        SESSION + "PublisherPaceTests.java",
                        "broadcastsOfTheServerWaitBeforeTheyAreEncoded"),
                Row.shown(
                        "a burst of 8 MiB in messages of 1 KB and of 100 KB to 1, 5, 20 and 200 members that read",
                        "complete; no client is closed",
                        "interop/src/test/java/io/heliodor/interop/attack/BurstIT.java",
                        "burstsReachEveryMemberWholeAndInOrder"),
                Row.shown(
                        "a client takes a byte a second",
                        "closed with 4408; the others do not wait",
                        "interop/src/test/java/io/heliodor/interop/attack/BurstIT.java",
                        "aClientThatReadsOneByteASecondIsClosedAndDelaysNoOther"));
    }
}
