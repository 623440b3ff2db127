package io.kelp.cloud.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.cloud.device.DeviceDescription.Property;
import io.kelp.cloud.device.DeviceDescription.Type;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropertyControlTest {

    private static Property property(Type type, String description, String defaultValue, String minimum, String maximum, String... options) {
        return new Property("p", description, type, true, minimum, maximum, "mm", defaultValue, List.of(options));
    }

    private static PropertyControl string(String description, String defaultValue, String desired, String reported) {
        return PropertyControl.of(property(Type.STRING, description, defaultValue, "", ""), desired, reported);
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', OFF, '', ON, OFF",
        "'', '', on, '', on, off",
        "'', '', True, '', True, False",
        "'', Off, '', '', On, Off",
        "'', '', '', ON, ON, OFF",
        "'ON counts a second after the other, OFF sets the count to 0', '', '', '', ON, OFF",
        "'Indicates whether the led light is ON/OFF', '', '', '', ON, OFF",
        "'switch on or off', '', '', '', on, off",
    })
    void aStringThatSpeaksOfOnAndOffIsASwitch(String description, String defaultValue, String desired, String reported, String on, String off) {
        PropertyControl control = string(description, defaultValue, desired, reported);
        assertEquals(PropertyControl.Kind.SWITCH, control.kind());
        assertEquals(List.of(on, off), List.of(control.on(), control.off()));
    }

    @ParameterizedTest
    @CsvSource({"'', 20", "'the ON-time', ''", "'turned ON by hand', ''", "'', 'ONCE'", "'on the roof, off season', ''"})
    void otherStringsAreText(String description, String desired) {
        assertEquals(PropertyControl.Kind.TEXT, string(description, "", desired, "").kind());
    }

    @Test
    void listedValuesAreAChoiceAndTwoOfThemASwitch() {
        PropertyControl three = PropertyControl.of(property(Type.STRING, "", "", "", "", "eco", "comfort", "boost"), "eco", "");
        assertEquals(PropertyControl.Kind.CHOICE, three.kind());
        assertTrue(three.refusal("boost").isEmpty());
        assertEquals("p is one of eco, comfort, boost; \"turbo\" is not.", three.refusal("turbo").orElseThrow());
        PropertyControl two = PropertyControl.of(property(Type.STRING, "", "", "", "", "Open", "Closed"), "", "");
        assertEquals(List.of("Open", "Closed"), List.of(two.on(), two.off()), "the word for on is known wherever it stands");
        PropertyControl other = PropertyControl.of(property(Type.STRING, "", "", "", "", "manual", "auto"), "", "");
        assertEquals(List.of("auto", "manual"), List.of(other.on(), other.off()));
    }

    @ParameterizedTest
    @CsvSource({"'', true, false", "1, 1, 0", "FALSE, TRUE, FALSE", "off, on, off"})
    void aBooleanIsASwitchInTheDevicesSpelling(String desired, String on, String off) {
        PropertyControl control = PropertyControl.of(property(Type.BOOLEAN, "", "", "", ""), desired, "");
        assertEquals(List.of(on, off), List.of(control.on(), control.off()));
        assertTrue(control.refusal(on).isEmpty());
        assertTrue(control.refusal("maybe").isPresent());
    }

    @ParameterizedTest
    @CsvSource({"0, true", "10, true", "-1, false", "11, false", "5.0, false", "1e1, false", "'', false", "5 , true", "ten, false",
        "99999999999999999999, false", "0x5, false"})
    void aWholeNumberIsCheckedAgainstItsBounds(String value, boolean accepted) {
        PropertyControl control = PropertyControl.of(property(Type.INT, "", "", "0", "10"), "", "");
        assertEquals(accepted, control.refusal(value).isEmpty(), value);
    }

    @ParameterizedTest
    @CsvSource({"-0.5, true", "-0.51, false", "2.5e-1, true", ".5, true, ", "., false", "NaN, false", "Infinity, false", "1e999999999, false", "'1,5', false"})
    void aDecimalIsCheckedAgainstItsBounds(String value, boolean accepted) {
        PropertyControl control = PropertyControl.of(property(Type.DOUBLE, "", "", "-0.5", "1"), "", "");
        assertEquals(accepted, control.refusal(value).isEmpty(), value);
    }

    @Test
    void aRefusalNamesBoundAndUnit() {
        PropertyControl control = PropertyControl.of(property(Type.INT, "", "", "0", "10"), "", "");
        assertEquals("p is at most 10 mm; 11 is too large.", control.refusal("11").orElseThrow());
    }

    @Test
    void boundsThatAreNoNumbersAreNone() {
        PropertyControl control = PropertyControl.of(property(Type.INT, "", "", "low", ""), "", "");
        assertTrue(control.refusal("-5").isEmpty());
    }

    @Test
    void whatCannotBeWrittenIsRefused() {
        Property readOnly = new Property("count", "", Type.INT, false, "", "", "", "", List.of());
        PropertyControl control = PropertyControl.of(readOnly, "", "");
        assertEquals(PropertyControl.Kind.NONE, control.kind());
        assertTrue(control.refusal("1").isPresent());
        assertEquals(PropertyControl.Kind.NONE, PropertyControl.of(property(Type.STREAM, "", "", "", ""), "", "").kind());
    }

    @Test
    void tooLongTextIsRefused() {
        PropertyControl control = string("", "", "", "");
        assertTrue(control.refusal("x".repeat(PropertyControl.MAX_VALUE)).isEmpty());
        assertTrue(control.refusal("x".repeat(PropertyControl.MAX_VALUE + 1)).isPresent());
    }

    @Test
    void numbersThatAreWrittenDifferentlyAreEqual() {
        PropertyControl control = PropertyControl.of(property(Type.FLOAT, "", "", "", ""), "20", "");
        assertFalse(control.isPending("20", Optional.of("20.0")));
        assertTrue(control.isPending("20", Optional.of("20.1")));
        assertTrue(control.isPending("20", Optional.of("")));
        assertTrue(control.isPending("20", Optional.empty()));
    }

    @Test
    void theDemoCounterThatReportsItsCountAsItsStatusIsNotWaitedFor() {
        PropertyControl control = string("counter status", "", "ON", "17");
        assertEquals(PropertyControl.Kind.SWITCH, control.kind());
        assertFalse(control.isPending("ON", Optional.of("17")));
        assertTrue(control.isPending("ON", Optional.of("OFF")));
    }
}
