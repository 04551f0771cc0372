package stateset

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// WebhookEvent is what a webhook says: an event, with the noun as a GET would show it.
type WebhookEvent struct {
	// Such as "order.shipped".
	Type string `json:"type"`
	// When it happened.
	Timestamp time.Time `json:"timestamp"`
	// The noun: of "order.shipped" an Order.
	Data json.RawMessage `json:"data"`
}

// WebhookVerificationError: a message that claims to be a webhook is not one of ours, or was
// changed, or is too old.
type WebhookVerificationError struct{ Reason string }

func (e *WebhookVerificationError) Error() string { return "stateset: webhook: " + e.Reason }

// Webhook checks that webhooks come from your server, as Standard Webhooks says.
type Webhook struct {
	// How old, or ahead, a message may be; 5 minutes.
	Tolerance time.Duration
	keys      [][]byte
}

// NewWebhook takes the secret as shown when the endpoint was made (whsec_…); several while you move
// from one to another.
func NewWebhook(secrets ...string) (*Webhook, error) {
	webhook := &Webhook{Tolerance: 5 * time.Minute}
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) == 0 {
			return nil, fmt.Errorf("stateset: a secret of a webhook begins with whsec_ and is in base64")
		}
		webhook.keys = append(webhook.keys, key)
	}
	if len(webhook.keys) == 0 {
		return nil, fmt.Errorf("stateset: a webhook needs a secret")
	}
	return webhook, nil
}

// Verify is the event, once the signature and the time hold; else a *WebhookVerificationError. The
// body are the bytes as they came: parsed and printed again, they are others.
func (w *Webhook) Verify(body []byte, header http.Header) (*WebhookEvent, error) {
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		if header.Get(name) == "" {
			return nil, &WebhookVerificationError{"the header " + name + " is missing"}
		}
	}
	timestamp := header.Get("webhook-timestamp")
	if err := w.checkTime(timestamp); err != nil {
		return nil, err
	}
	signed := append([]byte(header.Get("webhook-id")+"."+timestamp+"."), body...)
	if !w.anyHolds(signed, strings.Split(header.Get("webhook-signature"), " ")) {
		return nil, &WebhookVerificationError{"no signature fits the message"}
	}
	event := &WebhookEvent{}
	if err := json.Unmarshal(body, event); err != nil {
		return nil, &WebhookVerificationError{"the message is not an event: " + err.Error()}
	}
	return event, nil
}

func (w *Webhook) checkTime(timestamp string) error {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return &WebhookVerificationError{"webhook-timestamp is no time"}
	}
	age := time.Since(time.Unix(seconds, 0))
	if age > w.Tolerance {
		return &WebhookVerificationError{"the message is too old"}
	}
	if -age > w.Tolerance {
		return &WebhookVerificationError{"the message comes from the future"}
	}
	return nil
}

func (w *Webhook) anyHolds(signed []byte, signatures []string) bool {
	holds := false
	for _, key := range w.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write(signed)
		wanted := mac.Sum(nil)
		for _, signature := range signatures {
			given, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(signature, "v1,"))
			if strings.HasPrefix(signature, "v1,") && err == nil && hmac.Equal(given, wanted) {
				holds = true
			}
		}
	}
	return holds
}
