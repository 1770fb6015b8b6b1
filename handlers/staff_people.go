package handlers

import "github.com/labstack/echo/v4"

// peopleRoutes are the pages of people.
func (s *server) peopleRoutes(desk *echo.Group) {}
