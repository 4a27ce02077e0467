package io.heliodor.interop;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The rules of docs/architecture.md: the dependencies of rooms on each other, and on libraries. */
@AnalyzeClasses(packages = "io.heliodor", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseTests {
    @ArchTest
    static final ArchRule roomsHaveNoCycles =
            slices().matching("io.heliodor.(*)..").should().beFreeOfCycles();

    /** Files that depend on each other have to be read together. Recursive data may be more. */
    @ArchTest
    static void filesHaveNoLargeKnots(JavaClasses classes) {
        Map<String, Set<String>> files = Knots.files(classes);
        List<Set<String>> knots = Knots.of(files);
        assertThat(knots)
                .filteredOn(knot -> knot.size() > 6)
                .allSatisfy(knot -> assertThat(knot).allMatch(file -> file.startsWith("io.heliodor.presence.crdt.")));
        assertThat(knots.stream().mapToInt(Set::size).filter(size -> size > 4).sum())
                .as("files in knots of more than four, of " + files.size())
                .isLessThan(files.size() / 20);
    }

    @ArchTest
    static final ArchRule typesKnowNoRoom = room("type");

    @ArchTest
    static final ArchRule eventsHaveTypes = room("event", "type");

    /** Clients bring a JSON library and an HTTP client of their own. */
    @ArchTest
    static final ArchRule theContractNeedsTheJdkAlone = noClasses()
            .that()
            .resideInAnyPackage("io.heliodor.event..", "io.heliodor.type..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("io.heliodor.event..", "io.heliodor.type..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule clientsHaveTheContractAlone = room("client", "event", "type");

    @ArchTest
    static final ArchRule roomsOfTheClientHaveNoCycles =
            slices().matching("io.heliodor.client.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule roomsOfTheClientDoNotDependOnItsPublicApi = noClasses()
            .that()
            .resideInAPackage("io.heliodor.client.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.heliodor.client");

    @ArchTest
    static final ArchRule decisionsOfClientsArePure = noClasses()
            .that()
            .resideInAnyPackage("io.heliodor.client.session..", "io.heliodor.client.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net..",
                    "java.util.concurrent.locks..",
                    "io.heliodor.client.socket..",
                    "io.heliodor.client.json..",
                    "java.util.logging..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class, java.util.concurrent.Executor.class);

    @ArchTest
    static final ArchRule batchDependsOnNoRoom = room("batch");

    @ArchTest
    static final ArchRule binaryDependsOnNoRoom = room("binary");

    @ArchTest
    static final ArchRule countersDependOnNoRoom = room("counter");

    @ArchTest
    static final ArchRule logsWithARateEscapeTexts = room("log", "type");

    @ArchTest
    static final ArchRule secretDependsOnNoRoom = room("secret");

    @ArchTest
    static final ArchRule jsonDependsOnNoRoom = room("json");

    @ArchTest
    static final ArchRule topicsHaveTypes = room("pubsub", "batch", "log", "type");

    @ArchTest
    static final ArchRule exchangeIsBetweenNodes = room("exchange", "binary", "pubsub", "type");

    @ArchTest
    static final ArchRule presenceDependsOnPubsub =
            room("presence", "binary", "batch", "counter", "event", "exchange", "log", "pubsub", "type");

    @ArchTest
    static final ArchRule theReplicatedSetIsAValue = noClasses()
            .that()
            .resideInAPackage("io.heliodor.presence.crdt..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "java.net..", "java.time..", "org.slf4j..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class);

    @ArchTest
    static final ArchRule channelDependsOnPubsub =
            room("channel", "event", "type", "presence", "limit", "directory", "pubsub");

    @ArchTest
    static final ArchRule limitDependsOnNoRoom = room("limit");

    @ArchTest
    static final ArchRule historyIsWritten = room("history", "binary");

    @ArchTest
    static final ArchRule onceDependsOnCounters = room("once", "counter");

    @ArchTest
    static final ArchRule directoryIsOfPubsub = room("directory", "pubsub");

    @ArchTest
    static final ArchRule gossipDependsOnNodes = room("gossip", "binary", "exchange", "pubsub", "type");

    @ArchTest
    static final ArchRule tokensAreWritten = room("token", "wire", "gossip", "pubsub", "type");

    @ArchTest
    static final ArchRule groupHoldsTopics = room("group", "channel", "event", "gossip", "binary", "pubsub", "type");

    @ArchTest
    static final ArchRule wireDependsOnEvents = room("wire", "event", "json", "type", "schema");

    @ArchTest
    static final ArchRule theWireDoesNotNeedItsSchemas = noClasses()
            .that()
            .resideInAPackage("io.heliodor.wire")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.heliodor.wire.schema..");

    @ArchTest
    static final ArchRule schemasDependOnNoRoom = room("schema");

    @ArchTest
    static final ArchRule contractsAreReadFromDefinitions =
            room("describe", "wire", "channel", "event", "type", "schema");

    @ArchTest
    static final ArchRule sessionDependsOnNoNetwork = room(
            "session",
            "wire",
            "channel",
            "event",
            "type",
            "limit",
            "observe",
            "inspect",
            "presence",
            "history",
            "once",
            "gossip",
            "directory",
            "batch",
            "binary",
            "counter",
            "exchange",
            "log",
            "pubsub");

    @ArchTest
    static final ArchRule theRoomsOfSessionsHaveOneDirection = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.heliodor.session..")
            .layer("session")
            .definedBy("io.heliodor.session")
            .layer("channel")
            .definedBy("io.heliodor.session.channel")
            .layer("retention")
            .definedBy("io.heliodor.session.retention")
            .layer("fanout")
            .definedBy("io.heliodor.session.fanout")
            .layer("replication")
            .definedBy("io.heliodor.session.replication")
            .layer("lane")
            .definedBy("io.heliodor.session.lane")
            .layer("budget")
            .definedBy("io.heliodor.session.budget")
            .layer("telemetry")
            .definedBy("io.heliodor.session.telemetry")
            .layer("eviction")
            .definedBy("io.heliodor.session.eviction")
            .layer("cluster")
            .definedBy("io.heliodor.session.cluster")
            .layer("once")
            .definedBy("io.heliodor.session.once")
            .whereLayer("session")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("channel")
            .mayOnlyBeAccessedByLayers("session")
            .whereLayer("eviction")
            .mayOnlyBeAccessedByLayers("session")
            .whereLayer("cluster")
            .mayOnlyBeAccessedByLayers("session")
            .whereLayer("once")
            .mayOnlyBeAccessedByLayers("session", "channel")
            .whereLayer("retention")
            .mayOnlyBeAccessedByLayers("session", "channel")
            .whereLayer("fanout")
            .mayOnlyBeAccessedByLayers("session", "channel", "retention")
            .whereLayer("replication")
            .mayOnlyBeAccessedByLayers("session", "retention")
            .whereLayer("lane")
            .mayOnlyBeAccessedByLayers("session", "channel", "retention", "fanout")
            .whereLayer("budget")
            .mayOnlyBeAccessedByLayers("session", "channel", "retention", "fanout", "replication", "once", "lane")
            .whereLayer("telemetry")
            .mayOnlyBeAccessedByLayers(
                    "session", "channel", "retention", "fanout", "replication", "once", "lane", "budget");

    @ArchTest
    static final ArchRule observeDependsOnChannel = room("observe", "channel");

    @ArchTest
    static final ArchRule endpointsAreInspected =
            room("inspect", "channel", "describe", "observe", "directory", "pubsub");

    @ArchTest
    static final ArchRule transportCarriesSessions = room(
            "transport",
            "session",
            "wire",
            "channel",
            "event",
            "limit",
            "observe",
            "binary",
            "counter",
            "log",
            "pubsub",
            "secret",
            "type");

    @ArchTest
    static final ArchRule roomsOfTheTransportHaveNoCycles =
            slices().matching("io.heliodor.transport.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule roomsOfTheTransportDoNotUseTheServer = noClasses()
            .that()
            .resideInAPackage("io.heliodor.transport.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.heliodor.transport");

    @ArchTest
    static final ArchRule endpointIsThePublicApi = room(
            "endpoint",
            "transport",
            "session",
            "inspect",
            "describe",
            "wire",
            "channel",
            "limit",
            "observe",
            "pubsub",
            "type");

    @ArchTest
    static final ArchRule theDashboardInspectsEndpoints = room(
            "dashboard",
            "endpoint",
            "describe",
            "inspect",
            "channel",
            "event",
            "limit",
            "log",
            "observe",
            "presence",
            "pubsub",
            "node",
            "membership",
            "election");

    @ArchTest
    static final ArchRule metersAreReadFromEndpointsAndNodes = room(
            "micrometer",
            "endpoint",
            "channel",
            "group",
            "observe",
            "presence",
            "token",
            "pubsub",
            "node",
            "membership");

    @ArchTest
    static final ArchRule kotlinDeclaresForChannels = room("kotlin", "channel", "event", "pubsub", "type");

    @ArchTest
    static final ArchRule onlyOneRoomAndApplicationsSeeMicrometer = noClasses()
            .that()
            .resideOutsideOfPackages("io.heliodor.micrometer..", "io.heliodor.playground..", "io.heliodor.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.micrometer..");

    @ArchTest
    static final ArchRule documentsAreAChannel = room("document", "channel", "event", "presence", "pubsub");

    @ArchTest
    static final ArchRule tokensOfAnIssuerAcceptConnections = room("jwt", "channel", "type");

    @ArchTest
    static final ArchRule onlyOneRoomSeesNimbus = noClasses()
            .that()
            .resideOutsideOfPackage("io.heliodor.jwt..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.nimbusds..");

    @ArchTest
    static final ArchRule thePlaygroundSeesThePublicApiOnly = room(
            "playground",
            "endpoint",
            "dashboard",
            "client",
            "micrometer",
            "channel",
            "document",
            "describe",
            "event",
            "type",
            "limit",
            "token",
            "presence",
            "pubsub",
            "node",
            "process",
            "rpc",
            "membership",
            "election",
            "codec");

    @ArchTest
    static final ArchRule membershipDependsOnSubscriptionsOnly = room("membership", "pubsub");

    @ArchTest
    static final ArchRule electionDependsOnNoRoom = room("election");

    @ArchTest
    static final ArchRule valuesAreBytesOnTheLink = room("codec", "json", "link", "binary", "type");

    @ArchTest
    static final ArchRule linksWakeThreadsInBatches = room("link", "batch", "binary", "counter", "log", "type");

    @ArchTest
    static final ArchRule protocolsSendOverTheLink = room("protocol", "link", "binary");

    @ArchTest
    static final ArchRule consensusUsesTheLink = room("raft", "link", "binary", "secret");

    @ArchTest
    static final ArchRule consensusDoesNotDependOnItsDisk = noClasses()
            .that()
            .resideInAPackage("io.heliodor.raft")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.heliodor.raft.file..", "java.nio.file..", "java.nio.channels..");

    @ArchTest
    static final ArchRule processesSendOverTheLink =
            room("process", "membership", "codec", "link", "binary", "counter", "log", "pubsub", "type");

    @ArchTest
    static final ArchRule callsGoToProcesses =
            room("rpc", "process", "codec", "link", "binary", "counter", "log", "pubsub", "type");

    @ArchTest
    static final ArchRule theNodeIsThePublicApiOfTheCluster = room(
            "node",
            "process",
            "rpc",
            "membership",
            "election",
            "protocol",
            "raft",
            "codec",
            "link",
            "batch",
            "binary",
            "counter",
            "log",
            "pubsub",
            "secret",
            "type");

    @ArchTest
    static final ArchRule partsOfANodeHaveNoCycles =
            slices().matching("io.heliodor.node.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule partsOfANodeDoNotDependOnItsPublicApi = noClasses()
            .that()
            .resideInAPackage("io.heliodor.node.*..")
            .and()
            .resideOutsideOfPackage("io.heliodor.node.wiring..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.heliodor.node", "io.heliodor.node.wiring..");

    @ArchTest
    static final ArchRule theTestKitWiresNodesAndSessions = room(
            "testkit",
            "node",
            "process",
            "membership",
            "link",
            "raft",
            "session",
            "wire",
            "group",
            "channel",
            "event",
            "type",
            "limit",
            "observe",
            "presence",
            "pubsub");

    /** Waits of nodes end when a clock is advanced. */
    @ArchTest
    static final ArchRule aNodeIsGivenItsTime = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.heliodor.node..",
                    "io.heliodor.process..",
                    "io.heliodor.rpc..",
                    "io.heliodor.election..",
                    "io.heliodor.membership..",
                    "io.heliodor.link",
                    "io.heliodor.raft..",
                    "io.heliodor.link.memory..")
            .and()
            .doNotHaveSimpleName("MachineTime")
            .and()
            .doNotHaveSimpleName("ProcessorShare")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");

    @ArchTest
    static final ArchRule onlyOneRoomSeesJGroups = noClasses()
            .that()
            .resideOutsideOfPackage("io.heliodor.link.jgroups..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.jgroups..");

    @ArchTest
    static final ArchRule socketsDoNotDependOnTheStack = noClasses()
            .that()
            .resideInAPackage("io.heliodor.link.jgroups.socket..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.heliodor.link.jgroups");

    @ArchTest
    static final ArchRule decisionsOfNodesArePure = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.heliodor.protocol..", "io.heliodor.raft..", "io.heliodor.history..", "io.heliodor.once..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "java.net..", "java.time..", "org.slf4j..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Thread.class);

    @ArchTest
    static final ArchRule onlyTheTransportSeesNetty = noClasses()
            .that()
            .resideOutsideOfPackage("io.heliodor.transport..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    /**
     * Of the library; applications have JSON of their own, as the node shell has its lines. The endpoint, the test kit and tokens
     * are given a mapper, and the room for Kotlin makes one.
     */
    @ArchTest
    static final ArchRule onlyTheWireReadsJson = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.heliodor.json..",
                    "io.heliodor.wire..",
                    "io.heliodor.client..",
                    "io.heliodor.describe..",
                    "io.heliodor.endpoint..",
                    "io.heliodor.testkit..",
                    "io.heliodor.token..",
                    "io.heliodor.kotlin..",
                    "io.heliodor.dashboard..",
                    "io.heliodor.codec..",
                    "io.heliodor.load..",
                    "io.heliodor.playground.node..",
                    "io.heliodor.benchmarks..",
                    "io.heliodor.examples..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("tools.jackson..");

    @ArchTest
    static final ArchRule codeThatDecidesHasNoClock = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.heliodor.presence.crdt..",
                    "io.heliodor.protocol..",
                    "io.heliodor.raft..",
                    "io.heliodor.session..",
                    "io.heliodor.observe..",
                    "io.heliodor.wire..",
                    "io.heliodor.client.session..",
                    "io.heliodor.client.wire..",
                    "io.heliodor.group..",
                    "io.heliodor.limit..",
                    "io.heliodor.channel..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");

    @ArchTest
    static final ArchRule namesAreOfTheField = noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Base")
            .orShould()
            .haveSimpleNameEndingWith("Data")
            .orShould()
            .haveSimpleNameEndingWith("Info")
            .orShould()
            .resideInAnyPackage("..internal..", "..impl..", "..util..", "..common..", "..core..")
            .orShould()
            .haveSimpleNameStartingWith("Abstract");

    /** A room depends on itself and on these rooms, and on no other of the house. */
    private static ArchRule room(String name, String... allowed) {
        String own = "io.heliodor." + name + "..";
        String[] others =
                Arrays.stream(allowed).map(room -> "io.heliodor." + room + "..").toArray(String[]::new);
        DescribedPredicate<JavaClass> unknown = HasName.Predicates.nameStartingWith("io.heliodor.")
                .<JavaClass>forSubtype()
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(concat(own, others))))
                .as("are of a room that " + name + " may not depend on");
        return noClasses().that().resideInAPackage(own).should().dependOnClassesThat(unknown);
    }

    private static String[] concat(String first, String[] rest) {
        String[] all = new String[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /** The walks of docs/architecture.md, whose lines name calls as Class.method. */
    @ArchTest
    static void theMethodsOfTheWalksExist(JavaClasses classes) throws IOException {
        String text = Files.readString(Path.of("../docs/architecture.md"));
        String walks = text.substring(text.indexOf("\n## Walks\n"), text.indexOf("\n## Writers of each state\n"));
        List<String> missing = Pattern.compile("\\b([A-Z]\\w+)\\.([a-z]\\w+)\\b")
                .matcher(walks)
                .results()
                .filter(call -> classes.stream()
                        .filter(type -> isPartOf(type, call.group(1)))
                        .flatMap(type -> type.getAllMethods().stream())
                        .noneMatch(method -> method.getName().equals(call.group(2))))
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(missing).isEmpty();
    }

    private static boolean isPartOf(JavaClass type, String name) {
        String simple = type.getName().substring(type.getPackageName().length() + 1);
        return List.of(simple.split("\\$")).contains(name);
    }
}
