package io.heliodor.spring.test;

import org.springframework.boot.test.autoconfigure.TestSliceTestContextBootstrapper;

/** Finds the application class and the properties of a {@link ChannelTest}. */
final class ChannelTestContextBootstrapper extends TestSliceTestContextBootstrapper<ChannelTest> {}
