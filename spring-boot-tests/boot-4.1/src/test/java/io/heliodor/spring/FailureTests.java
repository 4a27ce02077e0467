package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.net.ServerSocket;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A misconfigured application fails at its start, with a description and an action. */
@ExtendWith(OutputCaptureExtension.class)
class FailureTests {
    record Person(String name) {}

    private static void fails(
            CapturedOutput output, Class<?> configuration, String description, String action, String... properties) {
        SpringApplication application = new SpringApplication(Base.class, configuration);
        boolean isWeb = Stream.of(properties).anyMatch(property -> property.startsWith("server.port"));
        application.setWebApplicationType(isWeb ? WebApplicationType.SERVLET : WebApplicationType.NONE);
        application.setDefaultProperties(Map.of("heliodor.port", "0"));
        String[] arguments =
                Stream.of(properties).map(property -> "--" + property).toArray(String[]::new);
        assertThatThrownBy(() -> application.run(arguments)).isInstanceOf(Exception.class);
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "Description:\n\n" + description, "Action:\n\n" + action)
                .doesNotContain("\tat ");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Base {}

    @Configuration(proxyBeanMethods = false)
    static class Unmapped {
        @Bean
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }
    }

    @Test
    void aChannelWithoutTopics(CapturedOutput output) {
        fails(
                output,
                Unmapped.class,
                "There are channels without topics, which no client could join: 'room'.",
                "Add @ChannelMapping, with topics such as \"room:*\", to the method or class of the bean, or name the channel in a"
                        + " UserSocket bean.",
                "heliodor.security=open");
    }

    @Configuration(proxyBeanMethods = false)
    static class Both {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }

        @Bean
        UserSocket<Object> socket() {
            return UserSocket.open().channel("hall:*", ServingTests.room()).build();
        }
    }

    @Test
    void aMappingNextToASocket(CapturedOutput output) {
        fails(
                output,
                Both.class,
                "There is a UserSocket, which names its channels itself: 'socket'. There are also channels with @ChannelMapping:"
                        + " 'room'.",
                "Add these channels to the UserSocket by .channel(pattern, channel) and remove @ChannelMapping, or remove the"
                        + " UserSocket.");
    }

    @Configuration(proxyBeanMethods = false)
    static class CustomizedSocket {
        @Bean
        UserSocket<Object> socket() {
            return UserSocket.open().channel("hall:*", ServingTests.room()).build();
        }

        @Bean
        SocketCustomizer exceptions() {
            return socket -> {};
        }
    }

    @Test
    void aSocketCustomizerNextToASocket(CapturedOutput output) {
        fails(
                output,
                CustomizedSocket.class,
                "There is a UserSocket, which has its settings itself: 'socket'. There are also SocketCustomizers, which would have no"
                        + " effect: 'exceptions'.",
                "Write these settings at the UserSocket and remove the SocketCustomizer, or remove the UserSocket.");
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoSockets {
        @Bean
        UserSocket<Object> a() {
            return UserSocket.open().channel("room:*", ServingTests.room()).build();
        }

        @Bean
        @SocketMapping("/b")
        UserSocket<Object> b() {
            return UserSocket.open().channel("room:*", ServingTests.room()).build();
        }
    }

    @Test
    void twoSocketsWithoutPaths(CapturedOutput output) {
        fails(
                output,
                TwoSockets.class,
                "There are several sockets, and 'a' has no path: 'a', 'b'.",
                "Add @SocketMapping, with a path such as \"/socket\", to the method or class of each of them.");
    }

    @Configuration(proxyBeanMethods = false)
    static class WrongPath {
        @Bean
        @SocketMapping("live")
        UserSocket<Object> live() {
            return UserSocket.open().channel("room:*", ServingTests.room()).build();
        }
    }

    @Test
    void aWrongPathOfASocketMapping(CapturedOutput output) {
        fails(
                output,
                WrongPath.class,
                "The socket 'live' cannot be served at 'live': ",
                "Change the @SocketMapping of the bean.");
    }

    @Test
    void aWrongPathOfTheProperty(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.path has a wrong value: ",
                "Change heliodor.path, in application.properties or where the application gets it from.",
                "heliodor.security=open",
                "heliodor.path=live");
    }

    @Configuration(proxyBeanMethods = false)
    static class Typed {
        @Bean
        @ChannelMapping("room:*")
        Channel<Person, Empty> room() {
            return Channel.of(Person.class).join(join -> Join.ok(Empty.EMPTY)).build();
        }
    }

    @Test
    void aChannelThatNeedsOtherAssigns(CapturedOutput output) {
        fails(
                output,
                Typed.class,
                "The channel 'room' needs connections with assigns of type " + Person.class.getName()
                        + ", and those of the socket are of type java.lang.Object, by a socket that is open to every client.",
                "Define the channel by Channel.of(Object.class), or add a JwtAssigns<Person> or UserSocket<Person> bean.",
                "heliodor.security=open");
    }

    @Test
    void channelsOfAnApplicationWithSpringSecurityAndWithoutTokens(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The application has Spring Security and channels with @ChannelMapping, but no JwtDecoder that decides which clients"
                        + " may connect.",
                "Set spring.security.oauth2.resourceserver.jwt.issuer-uri, or add a JwtDecoder or UserSocket bean. If every client"
                        + " may connect, set heliodor.security=open.");
    }

    @Test
    void aWrongProperty(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.origins has a wrong value: 'wss://app.example.com' is the address of a socket, not the origin"
                        + " of a page, so no page would match; write https://app.example.com.",
                "Change heliodor.origins, in application.properties or where the application gets it from.",
                "heliodor.security=open",
                "heliodor.origins=wss://app.example.com");
    }

    @Test
    void aDrainThatSpringDoesNotAwait(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.drain is PT30S, but Spring waits for a phase of the shutdown for PT30S only, and then closes"
                        + " what handlers still use.",
                "Set spring.lifecycle.timeout-per-shutdown-phase to PT45S or more, or heliodor.drain to less.",
                "heliodor.security=open",
                "heliodor.drain=30s");
    }

    @Test
    void aDrainOfLessThanNoTime(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.drain is negative: PT-1S.",
                "Set it to 0s, which closes all clients at once, or to more.",
                "heliodor.security=open",
                "heliodor.drain=-1s");
    }

    @Test
    void aBundleThatDoesNotExist(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.ssl.bundle names the bundle 'web', which does not exist.",
                "Define it by spring.ssl.bundle.pem.web.keystore.certificate and .private-key.",
                "heliodor.security=open",
                "heliodor.ssl.bundle=web");
    }

    @Test
    void anAddressWithoutAPort(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.cluster.bind has a wrong value: An address is host:port, with an IPv6 address in brackets,"
                        + " not \"localhost\".",
                "Change heliodor.cluster.bind, in application.properties or where the application gets it from.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.bind=localhost");
    }

    @Test
    void aNodeWithoutACookie(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The node a@192.0.2.1 did not start: ",
                "Change the properties heliodor.cluster.*, or start what they name.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@192.0.2.1");
    }

    @Test
    void aNodeWithAWrongName(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The node desk did not start: ",
                "Change the properties heliodor.cluster.*, or start what they name.",
                "heliodor.security=open",
                "heliodor.cluster.name=desk");
    }

    @Test
    void aVoterWithAWrongName(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The node a@127.0.0.1 did not start: ",
                "Change the properties heliodor.cluster.*, or start what they name.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.voters=a");
    }

    @Test
    void aClusterWithoutAName(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The application would run alone: heliodor.cluster.name is not set, but heliodor.cluster.seeds,"
                        + " heliodor.cluster.cookie.",
                "Set heliodor.cluster.name, such as desk@10.0.0.1 with the address by which the other nodes reach this one.",
                "heliodor.security=open",
                "heliodor.cluster.seeds=10.0.0.2:7100",
                "heliodor.cluster.cookie=a cookie of more than sixteen characters");
    }

    @Test
    void twoCookies(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "Both heliodor.cluster.cookie and heliodor.cluster.cookie-file are set.",
                "Remove one of them.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.cookie=a cookie of more than sixteen characters",
                "heliodor.cluster.cookie-file=cookie");
    }

    @Test
    void aCookieFileThatDoesNotExist(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.cluster.cookie-file has a wrong value: The cookie cannot be read from missing",
                "Change heliodor.cluster.cookie-file, in application.properties or where the application gets it from.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.cookie-file=missing");
    }

    @Test
    void aTokenOfTheDashboardThatIsTooShort(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.dashboard.token has a wrong value: A token of the dashboard has 16 to 256 letters, digits and"
                        + " signs of . _ ~ -; the given one has 7 characters.",
                "Change heliodor.dashboard.token, in application.properties or where the application gets it from.",
                "heliodor.security=open",
                "heliodor.dashboard.enabled=true",
                "heliodor.dashboard.token=s3cre!t");
        assertThat(output.getAll()).doesNotContain("s3cre!t");
    }

    @Test
    void aDirectoryWithoutVoters(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.cluster.data is the directory of a voter, but there are no voters.",
                "Set heliodor.cluster.voters to the names of the voters, or remove heliodor.cluster.data.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.data=data");
    }

    @Test
    void aPortInUse(CapturedOutput output) throws Exception {
        try (ServerSocket other = new ServerSocket(0)) {
            int port = other.getLocalPort();
            fails(
                    output,
                    ServingTests.Mapped.class,
                    "Heliodor was configured to listen on port " + port + ", which another process uses.",
                    "Stop the process that listens on port " + port
                            + ", or set the property heliodor.port to another port; 0 takes a free one.",
                    "heliodor.security=open",
                    "heliodor.port=" + port);
        }
    }

    @Test
    void thePortOfTheOwnWebServer(CapturedOutput output) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        fails(
                output,
                ServingTests.Mapped.class,
                "Heliodor was configured to listen on port " + port
                        + ", on which the web server of this application listens.",
                "Set the property heliodor.port to another port than server.port, 4000 for example.",
                "heliodor.security=open",
                "server.port=" + port,
                "heliodor.port=" + port);
    }

    @Test
    void aHostThatDoesNotExist(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "Heliodor did not start: cannot listen on no-such-host.invalid:0: there is no such host.",
                "Set heliodor.host to an address of this machine, or leave it out; heliodor.port to a port that this process"
                        + " may listen on.",
                "heliodor.security=open",
                "heliodor.host=no-such-host.invalid",
                "heliodor.port=0");
    }

    @Test
    void aPropertyWithAWrongName(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.cluster.seed does not exist, so it would have no effect.",
                "Did you mean heliodor.cluster.seeds? Otherwise remove it.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.seed[0]=127.0.0.1:7100");
    }

    @Test
    void aPropertyThatResemblesNone(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The property heliodor.thread-pool-size does not exist, so it would have no effect.",
                "Remove it. The properties are heliodor.enabled, heliodor.port, ",
                "heliodor.security=open",
                "heliodor.thread-pool-size=8");
    }

    @Test
    void aVoterWithoutADirectory(CapturedOutput output) {
        fails(
                output,
                ServingTests.Mapped.class,
                "The node a@127.0.0.1 is one of heliodor.cluster.voters, and heliodor.cluster.data is not set.",
                "Set heliodor.cluster.data to a directory that outlives the process, such as /var/lib/desk.",
                "heliodor.security=open",
                "heliodor.cluster.name=a@127.0.0.1",
                "heliodor.cluster.voters=a@127.0.0.1");
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnEndpoint {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }

        @Bean
        Endpoint endpoint() {
            return Endpoint.builder().port(0).build();
        }
    }

    @Test
    void mappedChannelsNextToAnEndpoint(CapturedOutput output) {
        fails(
                output,
                OwnEndpoint.class,
                "There is an Endpoint bean of the application, so these beans would have no effect: 'room'.",
                "Replace the Endpoint bean by an EndpointCustomizer bean; or name the channels and settings at the builder of that"
                        + " endpoint, and remove @ChannelMapping and the customizers.",
                "heliodor.security=open");
    }

    @Configuration(proxyBeanMethods = false)
    @ChannelMapping("room:*")
    static class MappedClass {}

    @Test
    void aMappingOfAClassThatIsNoChannel(CapturedOutput output) {
        fails(
                output,
                MappedClass.class,
                "The bean '",
                "Write the annotation at a method with @Bean that returns a Channel, or remove it.",
                "heliodor.security=open");
        assertThat(output.getAll())
                .contains("' has @ChannelMapping and is no Channel, but a " + MappedClass.class.getName());
    }

    @Configuration(proxyBeanMethods = false)
    static class MappedSocket {
        @Bean
        @ChannelMapping("room:*")
        UserSocket<Object> socket() {
            return UserSocket.open().channel("room:*", ServingTests.room()).build();
        }
    }

    @Test
    void aMappingOfASocket(CapturedOutput output) {
        fails(
                output,
                MappedSocket.class,
                "The bean 'socket' has @ChannelMapping and is no Channel, but a ",
                "Write the annotation at a method with @Bean that returns a Channel, or remove it.");
    }

    @Configuration(proxyBeanMethods = false)
    static class LocalPresence {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }

        @Bean
        Presence<Person> people() {
            return Presence.over(PubSub.local(), Person.class);
        }
    }

    @Test
    void aPresenceOverAPubSubOfItsOwn(CapturedOutput output) {
        fails(
                output,
                LocalPresence.class,
                "The Presence 'people' is over another pub/sub than that of the endpoint, so clients would not get it.",
                "Give the PubSub bean to its method: ",
                "heliodor.security=open");
    }

    static final class Opaque {
        private final int number;

        Opaque(int number, String text) {
            this.number = number + text.length();
        }

        public int getNumber() {
            return number;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WrongPayload {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .on(Event.of("said", Opaque.class), (_, _) -> NoReply.none())
                    .build();
        }
    }

    @Test
    void aPayloadThatCannotBeRead(CapturedOutput output) {
        fails(
                output,
                WrongPayload.class,
                "A channel cannot be served: Channel 'room:*': event 'said' has the type " + Opaque.class.getName(),
                "Change the class, or declare the event or call with another one, such as a record.",
                "heliodor.security=open");
    }
}
