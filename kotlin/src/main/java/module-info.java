/** Declarations with the types of Kotlin, and the JSON of its classes. */
module io.heliodor.kotlin {
    requires transitive io.heliodor.channels;
    requires transitive kotlin.stdlib;
    requires kotlin.reflect;
    requires tools.jackson.module.kotlin;

    exports io.heliodor.kotlin;
}
