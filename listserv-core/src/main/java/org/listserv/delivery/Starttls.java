package org.listserv.delivery;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// What we ask of a relay's TLS (RFC 3207).
final class Starttls {
    private final SSLContext context;
    private final boolean verified;

    private Starttls(SSLContext context, boolean verified) {
        this.context = context;
        this.verified = verified;
    }

    static Starttls of(RelaySettings.Tls tls) {
        try {
            return tls == RelaySettings.Tls.REQUIRED ? verifiedBy(SSLContext.getDefault()) : anyCertificate();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /// The context's trust store must vouch for the certificate, and the certificate must name the host.
    static Starttls verifiedBy(SSLContext context) {
        return new Starttls(context, true);
    }

    private static Starttls anyCertificate() throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[]{new Everyone()}, null);
        return new Starttls(context, false);
    }

    SSLSocket handshake(Socket socket, HostPort peer) throws IOException {
        var encrypted = (SSLSocket) context.getSocketFactory().createSocket(socket, peer.host(), peer.port(), false);
        if (verified) {
            var parameters = encrypted.getSSLParameters();
            // RFC 2818 §3.1, which is what RFC 7817 wants for mail, too.
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            encrypted.setSSLParameters(parameters);
        }
        encrypted.startHandshake();
        return encrypted;
    }

    /// For opportunistic encryption, whose alternative is none at all: refusing a certificate would only mean sending in clear (RFC 7435 §3).
    private static final class Everyone extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            throw new UnsupportedOperationException("we are the client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            throw new UnsupportedOperationException("we are the client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException("we are the client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
