package io.heliodor.spring.guide.desk;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.event.Empty;
import io.heliodor.spring.ChannelMapping;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Another channel, with a service of its own. */
@Configuration(proxyBeanMethods = false)
class LobbyChannels {
    record Greeting(String text) {}

    @Bean
    @ChannelMapping("lobby")
    Channel<Object, Empty> lobby(Greeter greeter) {
        return Channel.join(join -> Join.ok(Empty.EMPTY, new Greeting(greeter.greeting())))
                .build();
    }
}
