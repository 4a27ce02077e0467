package io.heliodor.spring.guide.desk;

import io.heliodor.channel.Reply;
import io.heliodor.spring.SocketCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The refusals of all channels of the application. */
@Configuration(proxyBeanMethods = false)
class DeskErrors {
    @Bean
    SocketCustomizer exceptions() {
        return socket -> socket.onException(IllegalStateException.class, _ -> Reply.error("closed"));
    }
}
