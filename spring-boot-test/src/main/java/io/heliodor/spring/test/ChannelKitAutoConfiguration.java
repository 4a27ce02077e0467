package io.heliodor.spring.test;

import io.heliodor.channel.UserSocket;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.boot.HeliodorAutoConfiguration;
import io.heliodor.spring.boot.ServedSockets;
import io.heliodor.spring.boot.ServedSockets.Served;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestClock;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Scope;

/** The kit of each test, and its clock. */
@AutoConfiguration(before = HeliodorAutoConfiguration.class)
final class ChannelKitAutoConfiguration {
    @Bean
    static CustomScopeConfigurer heliodorKitScope() {
        CustomScopeConfigurer scopes = new CustomScopeConfigurer();
        scopes.addScope(KitScope.NAME, new KitScope());
        return scopes;
    }

    /** A clock of the application's own comes first for its code. */
    @Bean
    @Fallback
    @ConditionalOnMissingBean
    TestClock heliodorTestClock() {
        return TestClock.create();
    }

    @Bean(destroyMethod = "") // closed with its test
    @Scope(KitScope.NAME)
    ChannelKit heliodorChannelKit(
            ServedSockets served, PubSub pubsub, ObjectProvider<Presence<?>> presences, TestClock clock) {
        ChannelKit.Builder kit = ChannelKit.builder(only(served.sockets()))
                .limits(served.limits())
                .pubsub(pubsub)
                .clock(clock);
        served.json().ifPresent(kit::json);
        presences.forEach(kit::presence);
        return kit.start();
    }

    private static UserSocket<?> only(List<Served> sockets) {
        if (sockets.isEmpty()) {
            throw new IllegalStateException(
                    "This test has neither a UserSocket nor a Channel with @ChannelMapping. A @ChannelTest"
                            + " finds those of classes below the package of the application class; add others by @Import.");
        }
        if (sockets.size() > 1) {
            throw new IllegalStateException("A kit serves one socket, and there are those of "
                    + sockets.stream().map(Served::path).toList()
                    + ": name the class of one by @ChannelTest(Rooms.class), or make a kit of each by"
                    + " ChannelKit.builder(socket).pubsub(pubsub).start().");
        }
        return sockets.getFirst().socket();
    }
}
