package io.kelp.control.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.AttributesImpl;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Reads {@code OSGI-INF/metatype/*.xml} (OSGi Compendium 105.7) as far as it is needed to judge
 * settings. The Metatype service would not tell the bounds, which a message must name.
 */
final class MetatypeReader extends DefaultHandler {

    private final Map<String, Map<String, SettingRule>> classes = new HashMap<>();
    private final Map<String, String> designates = new HashMap<>();
    private Map<String, SettingRule> current;
    private List<String> options;
    private Attributes definition;
    private String pid;

    private MetatypeReader() {}

    /** PID → key → rule. */
    static Map<String, Map<String, SettingRule>> read(InputStream xml) throws IOException {
        MetatypeReader reader = new MetatypeReader();
        try {
            SAXParserFactory factory = SAXParserFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            SAXParser parser = factory.newSAXParser();
            parser.parse(xml, reader);
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("metatype is not readable: " + e.getMessage(), e);
        }
        Map<String, Map<String, SettingRule>> rules = new HashMap<>();
        reader.designates.forEach((pid, ocd) -> rules.put(pid, reader.classes.getOrDefault(ocd, Map.of())));
        return rules;
    }

    @Override
    public void startElement(String uri, String localName, String name, Attributes attributes) {
        switch (name.substring(name.indexOf(':') + 1)) {
            case "OCD" -> {
                current = new LinkedHashMap<>();
                classes.put(attributes.getValue("id"), current);
            }
            case "AD" -> {
                definition = new AttributesImpl(attributes);
                options = new ArrayList<>();
            }
            case "Option" -> options.add(attributes.getValue("value"));
            case "Designate" -> {
                pid = attributes.getValue("pid");
                if (pid == null) {
                    pid = attributes.getValue("factoryPid");
                }
            }
            case "Object" -> designates.put(pid, attributes.getValue("ocdref"));
            default -> {
                // icons and the like
            }
        }
    }

    @Override
    public void endElement(String uri, String localName, String name) {
        if (name.equals("AD")) {
            String key = definition.getValue("id");
            String cardinality = definition.getValue("cardinality");
            String type = definition.getValue("type");
            current.put(key, new SettingRule(key, type == null ? "String" : type, cardinality != null && !cardinality.equals("0"),
                    definition.getValue("min"), definition.getValue("max"), List.copyOf(options)));
        }
    }
}
