package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	stateset "stateset.dev/go"
)

func main() {
	ctx := context.Background()
	client := stateset.New(stateset.Config{})

	// Lists fetch their pages as they are needed.
	orders := client.Orders.List(ctx, &stateset.OrdersListQuery{
		Status: stateset.OrderStatusDelivered,
		Expand: []string{"customer"},
	})
	for orders.Next() {
		fmt.Println(orders.Value().OrderNumber, orders.Value().Customer.Email)
	}
	if err := orders.Err(); err != nil {
		log.Fatal(err)
	}

	// A refusal says why in its code, and names every fault of a bad request.
	_, err := client.Products.Create(ctx, stateset.NewProduct{SKU: "CUP", Price: "9.99", Currency: "US"})
	var refusal *stateset.APIError
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Code, refusal.Faults[0].Pointer, refusal.Faults[1].Pointer) // invalid /name /currency
	}

	// A key of your own makes a write happen once, however often the program runs.
	cup := stateset.NewProduct{Name: "A cup", SKU: "CUP", Price: "9.99", Currency: "USD"}
	once := stateset.IdempotencyKey("import-CUP")
	var response stateset.Response
	made := must(client.Products.Create(ctx, cup, once))
	again := must(client.Products.Create(ctx, cup, once, stateset.WithResponse(&response)))
	fmt.Println(made.ID == again.ID, response.Replayed()) // true true

	// Only if nobody changed it meanwhile; and what would it look like, without storing it?
	changes := stateset.ProductChanges{Price: "10.99"}
	dearer := must(client.Products.Update(ctx, made.ID, changes, stateset.IfMatch(made.Version)))
	tried := must(client.Products.Archive(ctx, made.ID, nil, stateset.DryRun()))
	fmt.Println(dearer.Price, tried.Status, must(client.Products.Get(ctx, made.ID)).Status) // 10.99 archived active
}

func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}
