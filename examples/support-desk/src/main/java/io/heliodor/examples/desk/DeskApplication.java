package io.heliodor.examples.desk;

import io.heliodor.channel.Connect;
import io.heliodor.examples.desk.DeskMessages.Online;
import io.heliodor.limit.Rate;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.*;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

@SpringBootApplication
class DeskApplication {
    public static void main(String[] args) {
        SpringApplication.run(DeskApplication.class, args);
    }

    @Bean
    JwtAssigns<Person> persons() {
        return (jwt, user) -> Connect.ok(Person.of(jwt), "users:" + user.getName());
    }

    @Bean
    Presence<Online> online(PubSub pubsub) {
        return Presence.over(pubsub, Online.class);
    }

    @Bean
    LimitsCustomizer limits() {
        return limits -> limits.rates(rates -> rates.messages(Rate.perSecond(20).burst(60))
                .joins(Rate.perSecond(5).burst(50)));
    }
}
