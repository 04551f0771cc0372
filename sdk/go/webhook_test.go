package stateset_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	stateset "stateset.dev/go"
)

type delivery struct {
	body   []byte
	header http.Header
}

func TestWebhooks(t *testing.T) {
	delivered := make(chan delivery, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		delivered <- delivery{body, request.Header}
		answer.WriteHeader(http.StatusNoContent)
	}))
	defer receiver.Close()
	client := home.client()
	endpoint := must(client.Webhooks.Endpoints.Create(ctx, stateset.NewWebhookEndpoint{URL: receiver.URL, Events: []string{"customer.*"}}))(t)
	defer client.Webhooks.Endpoints.Delete(ctx, endpoint.ID)
	next := func(email string) delivery {
		made := must(client.Customers.Create(ctx, stateset.NewCustomer{Email: email, FirstName: "Zoë"}))(t)
		for {
			select {
			case one := <-delivered:
				if strings.Contains(string(one.body), made.ID) {
					return one
				}
			case <-time.After(patience):
				t.Fatal("no webhook came")
			}
		}
	}
	first := next("zoe@example.com")
	webhook := must(stateset.NewWebhook(endpoint.Secret))(t)
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret"))
	refuses := func(t *testing.T, using *stateset.Webhook, body []byte, header http.Header, reason string) {
		t.Helper()
		_, err := using.Verify(body, header)
		var no *stateset.WebhookVerificationError
		if !errors.As(err, &no) || !strings.Contains(no.Reason, reason) {
			t.Fatalf("not refused with %q: %v", reason, err)
		}
	}

	t.Run("what the server delivers verifies", func(t *testing.T) {
		event := must(webhook.Verify(first.body, first.header))(t)
		equal(t, event.Type, "customer.created")
		var customer stateset.Customer
		equal(t, json.Unmarshal(event.Data, &customer) == nil, true)
		equal(t, *customer.FirstName, "Zoë")
		must(must(stateset.NewWebhook(other, endpoint.Secret))(t).Verify(first.body, first.header))(t)
	})

	t.Run("what was changed, or signed by another, does not", func(t *testing.T) {
		with := func(name, value string) http.Header {
			header := first.header.Clone()
			header.Set(name, value)
			return header
		}
		refuses(t, webhook, append(first.body[:len(first.body):len(first.body)], ' '), first.header, "no signature fits")
		refuses(t, webhook, first.body, with("webhook-id", "msg_other"), "no signature fits")
		refuses(t, must(stateset.NewWebhook(other))(t), first.body, first.header, "no signature fits")
		refuses(t, webhook, first.body, with("webhook-signature", "v2,abc v1, v1,!"), "no signature fits")
		refuses(t, webhook, first.body, with("webhook-signature", ""), "webhook-signature is missing")
		_, err := stateset.NewWebhook("whsec_?")
		equal(t, err != nil, true)
	})

	t.Run("what is too old, or from the future, does not", func(t *testing.T) {
		signed := func(ago time.Duration) http.Header {
			key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(endpoint.Secret, "whsec_"))
			mac := hmac.New(sha256.New, key)
			at := time.Now().Add(-ago).Unix()
			fmt.Fprintf(mac, "msg_1.%d.{}", at)
			header := http.Header{}
			header.Set("webhook-id", "msg_1")
			header.Set("webhook-timestamp", fmt.Sprint(at))
			header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
			return header
		}
		must(webhook.Verify([]byte("{}"), signed(290*time.Second)))(t)
		refuses(t, webhook, []byte("{}"), signed(310*time.Second), "too old")
		refuses(t, webhook, []byte("{}"), signed(-310*time.Second), "from the future")
		yesterday := signed(0)
		yesterday.Set("webhook-timestamp", "yesterday")
		refuses(t, webhook, []byte("{}"), yesterday, "is no time")
		strict := must(stateset.NewWebhook(endpoint.Secret))(t)
		strict.Tolerance = 10 * time.Second
		refuses(t, strict, []byte("{}"), signed(20*time.Second), "too old")
	})

	t.Run("while a secret rotates, both count", func(t *testing.T) {
		rotated := must(client.Webhooks.Endpoints.RotateSecret(ctx, endpoint.ID, nil))(t)
		got := next("rotated@example.com")
		for _, secret := range []string{endpoint.Secret, rotated.Secret} {
			must(must(stateset.NewWebhook(secret))(t).Verify(got.body, got.header))(t)
		}
	})
}
