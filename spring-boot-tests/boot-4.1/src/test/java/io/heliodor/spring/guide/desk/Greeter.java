package io.heliodor.spring.guide.desk;

import org.springframework.stereotype.Component;

/** A component that the slice does not take. */
@Component
class Greeter {
    String greeting() {
        return "welcome";
    }
}
