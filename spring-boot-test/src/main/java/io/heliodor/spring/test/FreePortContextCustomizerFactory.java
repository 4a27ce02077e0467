package io.heliodor.spring.test;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.support.TestPropertySourceUtils;

/** Gives endpoints of tests free ports: several contexts are open at a time, because they are kept for later tests. */
final class FreePortContextCustomizerFactory implements ContextCustomizerFactory {
    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
            Class<?> test, List<ContextConfigurationAttributes> attributes) {
        SpringBootTest whole = TestContextAnnotationUtils.findMergedAnnotation(test, SpringBootTest.class);
        return whole == null || whole.webEnvironment() == WebEnvironment.DEFINED_PORT ? null : new FreePort();
    }

    /** A record, because contexts with equal customizers are shared. */
    private record FreePort() implements ContextCustomizer {
        private static final MapPropertySource PROPERTY =
                new MapPropertySource("heliodor.test", Map.of("heliodor.port", "0"));

        @Override
        public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration merged) {
            MutablePropertySources sources = context.getEnvironment().getPropertySources();
            String ofTest = TestPropertySourceUtils.INLINED_PROPERTIES_PROPERTY_SOURCE_NAME;
            if (sources.contains(ofTest)) {
                sources.addAfter(ofTest, PROPERTY);
            } else {
                sources.addFirst(PROPERTY);
            }
        }
    }
}
