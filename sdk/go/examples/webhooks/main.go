package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	stateset "stateset.dev/go"
)

func main() {
	webhook, err := stateset.NewWebhook(os.Getenv("STATESET_WEBHOOK_SECRET")) // shown when the endpoint was made
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		event, err := webhook.Verify(body, request.Header)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Println(event.Type, string(event.Data))
		answer.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
