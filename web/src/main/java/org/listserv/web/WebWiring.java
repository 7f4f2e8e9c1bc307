package org.listserv.web;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.function.support.HandlerFunctionAdapter;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.thymeleaf.ITemplateEngine;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

import org.listserv.archive.MboxExport;
import org.listserv.archive.Messages;
import org.listserv.archive.Months;
import org.listserv.archive.OldLinks;
import org.listserv.archive.Overviews;
import org.listserv.archive.SearchIndex;
import org.listserv.archive.Threads;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.web.WebServer.Readiness;
import org.listserv.web.archive.Attachments;
import org.listserv.web.archive.Feeds;
import org.listserv.web.archive.FrontPage;
import org.listserv.web.archive.MessagePage;
import org.listserv.web.archive.MonthPage;
import org.listserv.web.archive.Nearby;
import org.listserv.web.archive.OverviewPage;
import org.listserv.web.archive.Takeaways;
import org.listserv.web.archive.ThreadPage;
import org.listserv.web.health.Health;
import org.listserv.web.health.HealthCheck;
import org.listserv.web.page.Pages;
import org.listserv.web.page.SecurityHeaders;
import org.listserv.web.page.Site;
import org.listserv.web.permalink.PonyMail;
import org.listserv.web.permalink.Resolving;
import org.listserv.web.search.SearchPage;

/// Everything the web part is made of. There is no component scan and no auto-configuration: what is not here is not there.
/// Settings and the objects pages read from are put into the context by [WebServer].
@Configuration(proxyBeanMethods = false)
class WebWiring {
    /// How long requests under way may still take when the node stops.
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(8);

    /// Those beyond wait to be accepted.
    private static final int MOST_CONNECTIONS = 8_192;
    /// Between two octets of a request, or two pieces of an answer ([PatientHttp] has an eye on the whole).
    private static final Duration SILENCE = Duration.ofSeconds(20);
    private static final Duration BETWEEN_REQUESTS = Duration.ofSeconds(60);

    /// Our own pages give five at most.
    static final int MOST_PARAMETERS = 100;

    private static final String CHARACTERS_PEOPLE_TYPE = "<>[\\]^`{|}\"";

    // --- the container

    @Bean
    TomcatServletWebServerFactory tomcat(WebSettings settings) {
        var tomcat = new TomcatServletWebServerFactory(settings.listen().getPort());
        tomcat.setAddress(settings.listen().getAddress());
        tomcat.setShutdown(Shutdown.GRACEFUL);
        tomcat.setProtocol(PatientHttp.class.getName());
        tomcat.setRegisterDefaultServlet(false);
        tomcat.setDisableMBeanRegistry(true);
        tomcat.addConnectorCustomizers(connector -> {
            // Message-IDs hold slashes, backslashes and worse; Place decodes them, and nothing else may.
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setAllowBackslash(true);
            connector.setProperty("relaxedPathChars", CHARACTERS_PEOPLE_TYPE);
            connector.setProperty("relaxedQueryChars", CHARACTERS_PEOPLE_TYPE);
            connector.setProperty("maxHttpRequestHeaderSize", "32768");
            connector.setMaxParameterCount(MOST_PARAMETERS);
            // No request of ours has a body. One that comes is not waited for: the connection ends behind the answer.
            connector.setProperty("maxSwallowSize", "0");
            var protocol = (AbstractProtocol<?>) connector.getProtocolHandler();
            protocol.setExecutor(new VirtualThreadExecutor("web-"));
            protocol.setMaxConnections(MOST_CONNECTIONS);
            protocol.setConnectionTimeout((int) SILENCE.toMillis());
            protocol.setKeepAliveTimeout((int) BETWEEN_REQUESTS.toMillis());
        });
        tomcat.addContextCustomizers(context -> {
            // What Tomcat itself refuses is refused without telling which Tomcat it is.
            var errors = new ErrorReportValve();
            errors.setShowReport(false);
            errors.setShowServerInfo(false);
            context.getParent().getPipeline().addValve(errors);
            context.setCookies(false);
        });
        return tomcat;
    }

    @Bean
    DefaultLifecycleProcessor lifecycleProcessor() {
        var lifecycle = new DefaultLifecycleProcessor();
        lifecycle.setTimeoutPerShutdownPhase(LAST_REQUESTS.toMillis());
        return lifecycle;
    }

    @Bean
    DispatcherServlet dispatcher(WebApplicationContext context) {
        return new DispatcherServlet(context);
    }

    @Bean
    ServletRegistrationBean<DispatcherServlet> everything(DispatcherServlet dispatcher) {
        var registration = new ServletRegistrationBean<>(dispatcher, "/");
        registration.setLoadOnStartup(1);
        return registration;
    }

    @Bean
    FilterRegistrationBean<SecurityHeaders> securityHeaders() {
        return new FilterRegistrationBean<>(new SecurityHeaders());
    }

    // --- from request to answer

    @Bean
    RouterFunctionMapping mapping(Routes routes, List<HttpMessageConverter<?>> converters) {
        var mapping = new RouterFunctionMapping(routes);
        mapping.setMessageConverters(converters);
        return mapping;
    }

    @Bean
    HandlerFunctionAdapter adapter() {
        return new HandlerFunctionAdapter();
    }

    @Bean
    HttpMessageConverter<byte[]> octets() {
        return new ByteArrayHttpMessageConverter();
    }

    @Bean
    HttpMessageConverter<String> text() {
        return new StringHttpMessageConverter(StandardCharsets.UTF_8);
    }

    @Bean
    HandlerExceptionResolver failures(Pages pages, List<HttpMessageConverter<?>> converters, ClientAddress clients) {
        return new Failures(pages, converters, clients);
    }

    @Bean
    ClientAddress clients(WebSettings settings) {
        return new ClientAddress(settings.trustedProxies());
    }

    @Bean
    ClientLimits limits(WebSettings settings) {
        return new ClientLimits(settings.searches(), settings.downloads(), System::nanoTime);
    }

    @Bean
    ITemplateEngine templates() {
        var resolver = new ClassLoaderTemplateResolver(WebWiring.class.getClassLoader());
        resolver.setPrefix("org/listserv/web/");
        resolver.setSuffix(".html");
        resolver.setCharacterEncoding("UTF-8");
        var engine = new SpringTemplateEngine();
        engine.setTemplateResolver(resolver);
        // Half of the time a page takes; what is shown must be public for it.
        engine.setEnableSpringELCompiler(true);
        return engine;
    }

    // --- pages

    @Bean
    Site site(WebSettings settings) {
        return new Site(settings.baseUrl());
    }

    @Bean
    Pages pages(Site site, ITemplateEngine templates) {
        // A thread is as deep as people argue.
        var factory = JsonFactory.builder().streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(20_000).build())
                .build();
        return new Pages(site, templates, JsonMapper.builder(factory).build());
    }

    // --- what pages read from

    @Bean
    Overviews overviews(Database database) {
        return new Overviews(database);
    }

    @Bean
    Months months(Database database) {
        return new Months(database);
    }

    @Bean
    Messages messages(Database database) {
        return new Messages(database);
    }

    @Bean
    MboxExport export(Database database) {
        return new MboxExport(database);
    }

    @Bean
    Threads threads(Database database) {
        return new Threads(database);
    }

    @Bean
    OldLinks oldLinks(Database database) {
        return new OldLinks(database);
    }

    @Bean
    Health health(Pages pages, Readiness readiness, Database database, PrometheusMeterRegistry metrics) {
        var readable = new HealthCheck("database", () -> {
            try {
                database.pingPages();
                return Optional.empty();
            } catch (DatabaseUnavailable e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        });
        return new Health(pages, readiness.checks(), readable, metrics);
    }

    @Bean
    Routes routes(Pages pages, Overviews overviews, Months months, Messages messages, Threads threads, MboxExport export, OldLinks links,
            SearchIndex index, Health health, Readers readers, ClientAddress clients, ClientLimits limits, MeterRegistry metrics) {
        var takeaways = new Takeaways(pages, overviews, messages, export);
        var feeds = new Feeds(pages, overviews, messages, threads);
        var nearby = new Nearby(pages, messages, index);
        // Only spans counted back from today, in links of Pony Mail, ask what day it is.
        var resolving = new Resolving(pages, messages, links, Clock.systemUTC());
        return new Routes(pages, new FrontPage(pages, overviews), new OverviewPage(pages, overviews), new MonthPage(pages, months),
                new MessagePage(pages, messages, threads, nearby), new ThreadPage(pages, messages, threads, nearby),
                new Attachments(pages, messages),
                takeaways, feeds, new SearchPage(pages, overviews, index, feeds, takeaways), resolving,
                new PonyMail(pages, resolving, messages, months, threads, takeaways), health, readers, clients, limits, metrics);
    }
}
