package io.heliodor.spring.boot;

import io.heliodor.channel.SendHook;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The messages of transactions, in an application with Spring's transactions. */
@AutoConfiguration
@ConditionalOnClass(TransactionSynchronizationManager.class)
public final class HeliodorTransactionAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    SendHook heliodorSendHook() {
        return new AfterCommit();
    }
}
